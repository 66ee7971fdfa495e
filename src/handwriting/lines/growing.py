"""A larger line network that starts where a smaller one stands.

What training has taught is not thrown away for more capacity: added blocks begin as
identities, and nothing listens yet to added units, so that the grown network gives the logits
of the small one and then learns on (after Net2Net, Chen et al., arXiv:1511.05641).
"""

import keras
import numpy as np
from keras import layers

from handwriting.errors import UserError
from handwriting.lines.models import is_beside

GROWING = ("blocks", "depth", "recurrent", "recurrent_layers")
GATES = 4  # of an LSTM: its weights hold their columns one gate after the other


def can_grow(base: keras.Model, model: keras.Model) -> bool:
    """Whether `grow` can bring `base` into `model`: a `crnn` of other depth or recurrence."""
    sizes, wanted = _sizes(base), _sizes(model)
    return (
        base.name == model.name == "crnn"
        and sizes["fixed"] == wanted["fixed"]
        and all(sizes[name] <= wanted[name] for name in GROWING)
    )


def grow(base: keras.Model, model: keras.Model) -> None:
    """Set the weights of `model` so that it computes what `base` computes.

    `model` may have more of everything in `GROWING` (see `LineOptions`) than `base`; the
    auxiliary head and a second reader keep their own weights.

    Raises:
        UserError: the two differ in something else, or `model` is smaller.
    """
    if not can_grow(base, model):
        raise UserError(
            f"cannot grow {base.name} into {model.name}: only {', '.join(GROWING)} of one crnn "
            "may be larger; start without --init-from, or from another model"
        )
    sources, sizes, wanted = _groups(base), _sizes(base), _sizes(model)
    for name, group in _groups(model).items():
        if name in sources:
            for source, target in zip(sources[name], group, strict=True):
                old, new = source.get_weights(), target.get_weights()
                if "recurrent" in name:
                    old = _wider_lstm(old, new)
                elif name == "head":
                    old = [_wider_head(old[0], new[0], sizes, wanted), old[1]]
                target.set_weights(old)
        elif "recurrent" not in name:  # a layer more of those is not heard by the head yet
            _make_identity(group)


def _weighted(network: keras.Model) -> list:
    return [layer for layer in network.layers if layer.weights and not is_beside(layer)]


def _sizes(network: keras.Model) -> dict:
    """What may grow, read off the layers, and the shapes of all that may not."""
    weighted = _weighted(network)
    kinds = [type(layer) for layer in weighted]
    recurrent = [layer for layer in weighted if isinstance(layer, layers.Bidirectional)]
    ends = [layer for layer in weighted if isinstance(layer, layers.Dense)]
    convolutions = [layer.kernel.shape for layer in weighted if isinstance(layer, layers.Conv2D)]
    return {
        "blocks": (kinds.count(layers.Conv2D) - 3) // 4,
        "depth": kinds.count(layers.Conv1D) // 2,
        "recurrent": recurrent[0].forward_layer.units if recurrent else 0,
        "recurrent_layers": len(recurrent),
        "fixed": (
            convolutions[:2],
            convolutions[-1][-1:],
            [layer.kernel.shape[-1] for layer in ends],
        ),
    }


def _groups(network: keras.Model) -> dict[str, list]:
    """The layers with weights by the part of `build_crnn` that they belong to."""
    sizes, queue = _sizes(network), _weighted(network)

    def take(count: int) -> list:
        taken = queue[:count]
        del queue[:count]
        return taken

    groups = {"stem": take(1)}
    for stage in ("second", "third"):
        groups[stage] = take(2)
        for block in range(sizes["blocks"]):
            groups[f"{stage} {block}"] = take(4)
    groups["folded"] = take(2)
    for block in range(sizes["depth"]):
        groups[f"sequence {block}"] = take(4)
    for layer in range(sizes["recurrent_layers"]):
        groups[f"recurrent {layer}"] = take(1)
    groups["head"] = take(1)
    return groups


def _make_identity(block: list) -> None:
    """A residual block adds nothing while its last normalisation scales and shifts by zero."""
    last = block[-1]
    gamma, beta, *statistics = last.get_weights()
    last.set_weights([np.zeros_like(gamma), np.zeros_like(beta), *statistics])


def _wider_lstm(old: list[np.ndarray], new: list[np.ndarray]) -> list[np.ndarray]:
    """Kernel, recurrent kernel and bias of both directions, in the larger layer's shapes."""
    weights = []
    for start in (0, len(old) // 2):
        units, wanted = (arrays[start + 1].shape[0] for arrays in (old, new))
        kernel, recurrent, bias = (array.copy() for array in new[start : start + 3])
        inputs = _same_inputs(old[start], kernel, units, wanted)
        for gate in range(GATES):
            here = slice(gate * wanted, gate * wanted + units)
            there = slice(gate * units, (gate + 1) * units)
            kernel[:, here] = 0  # the old units do not listen to the new ones yet
            kernel[inputs, here] = old[start][:, there]
            recurrent[:, here] = 0
            recurrent[:units, here] = old[start + 1][:, there]
            bias[here] = old[start + 2][there]
        weights += [kernel, recurrent, bias]
    return weights


def _same_inputs(old: np.ndarray, new: np.ndarray, units: int, wanted: int) -> np.ndarray:
    """Rows of a new kernel that belong to the rows of the old one.

    The inputs are those of the convolutions, or both directions of a recurrent layer below.
    """
    if old.shape[0] == new.shape[0]:
        return np.arange(old.shape[0])
    return np.concatenate([np.arange(units), wanted + np.arange(units)])


def _wider_head(old: np.ndarray, new: np.ndarray, sizes: dict, wanted: dict) -> np.ndarray:
    """The head hears both directions of every recurrent layer; of what is new, nothing yet."""
    kernel = np.zeros_like(new)
    for direction in range(2 * sizes["recurrent_layers"]):
        here, there = direction * wanted["recurrent"], direction * sizes["recurrent"]
        kernel[here : here + sizes["recurrent"]] = old[there : there + sizes["recurrent"]]
    return kernel
