"""A line network dressed for training: two heads, the CTC losses, and undressed again."""

import keras
import numpy as np

from handwriting.errors import UserError
from handwriting.lines.batches import LineBatch
from handwriting.lines.charset import Charset
from handwriting.lines.ctc import ctc_loss, view_differences
from handwriting.lines.experiments import LineExperiment
from handwriting.lines.growing import can_grow, grow
from handwriting.lines.models import build_line_model, is_beside
from handwriting.precision import training_precision


class CTCModel(keras.Model):
    """A line network that adds the losses of its two heads; never saved itself.

    The loss of a head is CTC's and, with `consistency`, how differently it reads two views of a
    line: a batch then has all lines once and all of them again.

    Targets are (B, L + 2) int32: label length, frame count, label.
    """

    auxiliary_weight = 0.1
    consistency = 0.0

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        lengths, frames, labels = y[:, 0], y[:, 1], y[:, 2:]
        logits, auxiliary = y_pred

        def loss_of(head):
            loss = keras.ops.mean(ctc_loss(labels, lengths, head, frames))
            if self.consistency:
                differences = view_differences(head, frames)
                loss = loss + self.consistency * keras.ops.mean(differences)
            return loss

        loss = loss_of(logits)
        if self.auxiliary_weight:
            loss = loss + self.auxiliary_weight * loss_of(auxiliary)
        return loss


def targets(batch: LineBatch) -> np.ndarray:
    """What `CTCModel` takes as y."""
    columns = (batch.label_lengths[:, None], batch.frame_counts[:, None], batch.labels)
    return np.concatenate(columns, axis=1)


def build_training_model(experiment: LineExperiment, charset: Charset) -> CTCModel:
    """Two heads, compiled."""
    network = build_line_model(
        experiment.architecture,
        experiment.height,
        len(charset),
        experiment.options,
        training_precision(experiment.precision),
        auxiliary=True,
        training=True,
    )
    model = CTCModel(network.inputs, network.outputs, name=network.name)
    model.auxiliary_weight = experiment.auxiliary_weight
    model.consistency = experiment.consistency
    model.compile(
        optimizer=keras.optimizers.AdamW(
            experiment.learning_rate,
            weight_decay=experiment.weight_decay,
            global_clipnorm=experiment.clip,
        ),
        jit_compile=keras.backend.backend() == "jax",  # XLA is several times slower on a CPU
    )
    return model


def final_model(experiment: LineExperiment, charset: Charset, weights: list) -> keras.Model:
    """The network with its first head alone, in float32, from the weights of the training model."""
    options = (experiment.architecture, experiment.height, len(charset), experiment.options)
    both = build_line_model(*options, auxiliary=True)
    both.set_weights(weights)
    model = build_line_model(*options)
    transfer_line_weights(both, model)
    return model


def transfer_line_weights(base: keras.Model, model: keras.Model) -> None:
    """Copy all layers in their order.

    The auxiliary head and a second reader, which one of the two may lack, are copied where both
    have the same. A `crnn` may also start from a smaller one (see `growing`).

    Raises:
        UserError: the two have different layers.
    """
    sources, targets = (_shared_layers(network) for network in (base, model))
    if [_shapes(layer) for layer in sources] != [_shapes(layer) for layer in targets]:
        if can_grow(base, model):
            grow(base, model)
            _copy_beside(base, model)
            return
        raise UserError(
            f"cannot start {model.name} from {base.name}: --init-from needs a model of the "
            "same architecture and charset, and of the same size or (crnn) a smaller one"
        )
    for source, target in zip(sources, targets, strict=True):
        target.set_weights(source.get_weights())
    _copy_beside(base, model)


def _copy_beside(base: keras.Model, model: keras.Model) -> None:
    sources, targets = (
        [layer for layer in network.layers if layer.weights and is_beside(layer)]
        for network in (base, model)
    )
    if [_shapes(layer) for layer in sources] == [_shapes(layer) for layer in targets]:
        for source, target in zip(sources, targets, strict=True):
            target.set_weights(source.get_weights())


def _shared_layers(network: keras.Model) -> list:
    return [layer for layer in network.layers if layer.weights and not is_beside(layer)]


def _shapes(layer) -> list[tuple]:
    return [tuple(weight.shape) for weight in layer.weights]
