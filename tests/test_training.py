"""The training loop: learns, resumes bit for bit, transfers, stops, and keeps validation clean."""

import math
from dataclasses import replace

import numpy as np
import pytest
from bars import bars, bars_data

from handwriting.augment import Augmentation
from handwriting.batches import steps_per_epoch, to_input, training_batches
from handwriting.checkpoints import Checkpoint
from handwriting.datasets.base import CharacterData, Split, empty_split
from handwriting.errors import UserError
from handwriting.experiments import EXPERIMENTS, Experiment, with_changes
from handwriting.schedule import WeightAverage, cosine_with_warmup, learning_rate_at
from handwriting.training import train, transfer_weights

EXPERIMENT = Experiment(
    "test",
    dataset="bars",
    architecture="tiny",
    epochs=4,
    batch_size=16,
    learning_rate=1e-2,
    average=0.9,
    augmentation=Augmentation(),
)


@pytest.fixture(scope="module")
def data():
    return bars_data()


def weights_of(result):
    return np.concatenate([w.ravel() for w in result.model.get_weights()])


@pytest.fixture(scope="module")
def trained(data):
    return train(EXPERIMENT, data, quiet=True)


def test_learns(trained):
    assert trained.history[-1]["loss"] < 0.5 * trained.history[0]["loss"]
    assert trained.history[trained.best_epoch - 1]["validation_accuracy"] > 0.9


def test_tiny_overfits_four_samples():
    four = Split(bars(40, 0, 2).images[:4], np.array([0, 1, 0, 1]))
    data = CharacterData("four", ("a", "b"), four, four, empty_split())
    experiment = replace(EXPERIMENT, epochs=60, batch_size=4, augmentation=Augmentation().scaled(0))
    assert train(experiment, data, quiet=True).history[-1]["loss"] < 0.05


def test_the_same_seed_gives_the_same_weights(data, trained):
    assert np.array_equal(weights_of(train(EXPERIMENT, data, quiet=True)), weights_of(trained))
    other = train(replace(EXPERIMENT, seed=1), data, quiet=True)
    assert not np.array_equal(weights_of(other), weights_of(trained))


def test_resume_continues_bit_for_bit(data, trained, tmp_path, monkeypatch):
    checkpoint = Checkpoint(tmp_path / "run.npz", {"seed": 0})
    saves = []

    def stop_after_two(*arguments):
        Checkpoint.save(checkpoint, *arguments)
        saves.append(1)
        if len(saves) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, "save", stop_after_two)
    with pytest.raises(KeyboardInterrupt):
        train(EXPERIMENT, data, checkpoint, quiet=True)
    resumed = train(EXPERIMENT, data, Checkpoint(tmp_path / "run.npz", {"seed": 0}), quiet=True)
    assert np.array_equal(weights_of(resumed), weights_of(trained))
    scores = [{k: v for k, v in row.items() if k != "seconds"} for row in resumed.history]
    assert scores == [{k: v for k, v in r.items() if k != "seconds"} for r in trained.history]


def test_checkpoint_of_other_settings_is_refused(data, tmp_path):
    short = replace(EXPERIMENT, epochs=1)
    train(short, data, Checkpoint(tmp_path / "run.npz", {"epochs": 1}), quiet=True)
    with pytest.raises(UserError, match="other epochs"):
        train(short, data, Checkpoint(tmp_path / "run.npz", {"epochs": 2}), quiet=True)


def test_broken_checkpoint_is_one_clear_line(data, tmp_path):
    (tmp_path / "run.npz").write_bytes(b"PK\x03\x04 not whole")
    with pytest.raises(UserError, match="delete it"):
        train(EXPERIMENT, data, Checkpoint(tmp_path / "run.npz", {}), quiet=True)


def test_early_stopping(data):
    stuck = replace(EXPERIMENT, learning_rate=0.0, epochs=30, patience=2)
    result = train(stuck, data, quiet=True)
    assert len(result.history) == result.best_epoch + 2 < 30


def test_transfer_takes_the_backbone_and_learns_other_classes(data, trained):
    two = CharacterData("two", ("a", "b"), bars(64, 5, 2), bars(32, 6, 2), empty_split())
    start = replace(EXPERIMENT, epochs=2, freeze_epochs=2, average=0.0)
    frozen = train(start, two, base=trained.model, quiet=True)
    ours, base = (
        [w for w in m.get_weights() if w.ndim == 4] for m in (frozen.model, trained.model)
    )
    assert all(np.array_equal(a, b) for a, b in zip(ours, base, strict=True)), "frozen"
    released = train(replace(start, epochs=3, freeze_epochs=1), two, base=trained.model, quiet=True)
    ours = [w for w in released.model.get_weights() if w.ndim == 4]
    assert not any(np.array_equal(a, b) for a, b in zip(ours, base, strict=True)), "released"
    assert released.model.output.shape[-1] == 2


def test_transfer_to_the_same_classes_keeps_the_head(data, trained):
    start = replace(EXPERIMENT, epochs=1, learning_rate=0.0, average=0.0)
    kept = train(start, data, base=trained.model, keep_head=True, quiet=True)
    replaced = train(start, data, base=trained.model, quiet=True)
    head = trained.model.get_layer("logits").get_weights()[0]
    assert np.array_equal(kept.model.get_layer("logits").get_weights()[0], head)
    assert not np.array_equal(replaced.model.get_layer("logits").get_weights()[0], head)


def test_transfer_between_architectures_is_refused(trained):
    from handwriting.models import build_model

    with pytest.raises(UserError, match="same architecture"):
        transfer_weights(trained.model, build_model("cnn", 3))


def test_batches_repeat_and_cover_every_image():
    split = Split(
        np.arange(10, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8), np.arange(10)
    )
    none = Augmentation().scaled(0)
    labels = [y for _, y in training_batches(split, 5, none, seed=1, epoch=0)]
    assert sorted(np.concatenate(labels)) == list(range(10))
    again = [y for _, y in training_batches(split, 5, none, seed=1, epoch=0)]
    later = [y for _, y in training_batches(split, 5, none, seed=1, epoch=1)]
    assert np.array_equal(labels, again) and not np.array_equal(labels, later)
    assert steps_per_epoch(split, 64) == 1


def test_to_input_is_float_ink_one():
    images = to_input(np.array([[[0, 255]]], np.uint8))
    assert images.shape == (1, 1, 2, 1) and images.dtype == np.float32
    assert images.ravel().tolist() == [0.0, 1.0]


def test_schedule_rises_and_falls():
    rates = [cosine_with_warmup(step, 100, 0.5, 10) for step in range(100)]
    assert max(rates) == 0.5 and rates.index(0.5) == 9
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.001


def test_calm_epochs_start_again_lower_and_change_nothing_before():
    def rates(**changes):
        run = replace(EXPERIMENT, learning_rate=1.0, **changes)
        return [learning_rate_at(step, 10, run) for step in range(10 * run.epochs)]

    plain, calm = rates(epochs=8), rates(epochs=10, calm_epochs=2)
    assert calm[:80] == plain
    assert calm[80] == pytest.approx(0.2) and calm[80:] == sorted(calm[80:], reverse=True)
    twice = rates(epochs=12, calm_epochs=2, calm_cycles=2)
    assert twice == calm + calm[80:], "another cycle changes nothing before it"


def test_calm_epochs_see_little_augmentation(data, monkeypatch):
    seen = []

    def watch(split, batch_size, augmentation, seed, epoch):
        seen.append(augmentation.rotation)
        return training_batches(split, batch_size, augmentation, seed, epoch)

    monkeypatch.setattr("handwriting.training.training_batches", watch)
    train(replace(EXPERIMENT, epochs=3, calm_epochs=1), data, quiet=True)
    full = EXPERIMENT.augmentation.rotation
    assert seen == [full, full, pytest.approx(0.3 * full)]


def test_weight_average_follows_and_smooths():
    average = WeightAverage([np.zeros(1)], momentum=0.99)
    for step in range(5000):
        average.update([np.array([1.0 + math.sin(step)])])
    assert abs(average.values[0][0] - 1.0) < 0.02
    off = WeightAverage([np.zeros(1)], momentum=0.0)
    off.update([np.array([3.0])])
    assert off.values[0][0] == 3.0


def test_options_reach_nested_fields():
    changed = with_changes(EXPERIMENTS["mnist"], {"dropout": 0.1, "rotation": 3.0, "seed": 7})
    assert (changed.options.dropout, changed.augmentation.rotation, changed.seed) == (0.1, 3.0, 7)
