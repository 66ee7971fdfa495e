"""Small random draws on a numpy Generator."""

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def pick(rng: np.random.Generator, choices: Sequence[T]) -> T:
    """One of the choices, each as likely. `Generator.choice` makes an array first: slow."""
    return choices[int(rng.integers(len(choices)))]


def chance(rng: np.random.Generator, share: float) -> bool:
    """True in `share` of the draws."""
    return bool(rng.random() < share)


def between(rng: np.random.Generator, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(rng.integers(low, high + 1))


def around(rng: np.random.Generator, centre: float, spread: float, low: float, high: float):
    """A log-normal draw held to low … high: sizes and widths, whose errors are factors."""
    return min(max(centre * math.exp(spread * rng.standard_normal()), low), high)
