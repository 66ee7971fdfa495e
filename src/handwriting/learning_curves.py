"""How error falls with the number of training images, and where that leads.

Error falls about as a power of the amount of data, down to a floor that no amount removes
(Hestness et al., arXiv:1712.00409; Cortes et al., NIPS 1993).
"""

from dataclasses import dataclass

import numpy as np

from handwriting.datasets.base import Split

EXPONENTS = np.linspace(0.1, 1.5, 141)


def nested_subset(split: Split, per_class: int, seed: int = 0) -> Split:
    """At most `per_class` images of each class; a smaller subset lies within a larger one."""
    index = []
    for label in np.unique(split.labels):
        members = np.flatnonzero(split.labels == label)
        order = np.random.default_rng([seed, int(label)]).permutation(len(members))
        index.append(members[order[:per_class]])
    return split.take(np.sort(np.concatenate(index)))


@dataclass(frozen=True)
class PowerLaw:
    """error(n) = floor + scale · n^-exponent for n training images.

    >>> law = PowerLaw(floor=0.02, scale=1.0, exponent=0.5)
    >>> round(float(law.error(10_000)), 3), round(law.images_for(0.03))
    (0.03, 10000)
    """

    floor: float
    scale: float
    exponent: float

    def error(self, count):
        """Expected error with `count` training images, a number or an array."""
        return self.floor + self.scale * np.asarray(count, np.float64) ** -self.exponent

    def images_for(self, error: float) -> float:
        """Training images at which the error is expected; infinite at or below the floor."""
        if error <= self.floor:
            return float("inf")
        return float(((error - self.floor) / self.scale) ** (-1 / self.exponent))


def fit_power_law(counts, errors) -> PowerLaw:
    """The power law that lies nearest, by squared relative deviations.

    Args:
        counts, errors: (N,) each, N of at least three and all positive.

    Raises:
        ValueError: fewer than three points, or one that is not positive.

    >>> counts = np.array([100, 400, 1600])
    >>> law = fit_power_law(counts, 0.01 + 0.8 * counts**-0.5)
    >>> round(law.floor, 3), round(law.exponent, 2)
    (0.01, 0.5)
    """
    counts, errors = np.asarray(counts, np.float64), np.asarray(errors, np.float64)
    if len(counts) < 3 or not (counts > 0).all() or not (errors > 0).all():
        raise ValueError("a learning curve needs three positive points or more")
    fits = [_fit_scale(counts**-exponent, errors) for exponent in EXPONENTS]
    best = int(np.argmin([deviation for _, _, deviation in fits]))
    floor, scale, _ = fits[best]
    return PowerLaw(floor, scale, float(EXPONENTS[best]))


def _fit_scale(powers: np.ndarray, errors: np.ndarray) -> tuple[float, float, float]:
    """(floor, scale, squared deviation) for one exponent, neither below zero."""
    columns = np.stack([1 / errors, powers / errors], axis=1)
    floor, scale = np.linalg.lstsq(columns, np.ones(len(errors)), rcond=None)[0]
    if floor < 0:
        floor, scale = 0.0, float(columns[:, 1].sum() / (columns[:, 1] ** 2).sum())
    scale = max(scale, 1e-12)
    deviation = columns @ np.array([floor, scale]) - 1
    return float(floor), float(scale), float((deviation**2).sum())
