"""Explanations say what is true of networks simple enough to know the answer."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from handwriting import explain, explain_plots, plots
from handwriting.models import HEAD, MODELS, build_model

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)


class LeftOrRight:
    """Logits are the ink in the left and in the right half, in full pixels."""

    classes = ("left", "right")
    card = SimpleNamespace(temperature=0.5)

    def logits(self, images):
        ink = images.astype(np.float64) / 255
        return np.stack([ink[:, :, :14].sum((1, 2)), ink[:, :, 14:].sum((1, 2))], axis=1)


def test_occlusion_finds_the_ink_that_decides():
    image = np.zeros((28, 28), np.uint8)
    image[10, 5] = image[20, 22] = 255
    found = explain.occlusion_map(LeftOrRight(), image, "left", patch=3)
    expected = np.zeros((28, 28))
    # Log-odds of two classes are the difference of the logits, over the temperature.
    expected[9:12, 4:7], expected[19:22, 21:24] = 2, -2
    np.testing.assert_allclose(found, expected)


def test_occlusion_with_ink_and_at_the_edge():
    found = explain.occlusion_map(LeftOrRight(), np.zeros((28, 28), np.uint8), "right", 3, 255)
    # Nine covered pixels in the middle of a half, four in a corner; ink on the right helps.
    assert found[5, 5] == pytest.approx(18) and found[0, 0] == pytest.approx(8)
    assert found[5, 20] == pytest.approx(-18)


@pytest.mark.parametrize("label, patch", [("left", 4), ("neither", 3)])
def test_occlusion_refuses_what_it_cannot_answer(label, patch):
    with pytest.raises(ValueError):
        explain.occlusion_map(LeftOrRight(), IMAGES[0], label, patch)


@pytest.mark.parametrize("architecture", MODELS)
def test_every_architecture_has_filters_and_feature_layers(architecture):
    model = build_model(architecture, 10)
    assert explain.first_filters(model).shape[1:] == (3, 3)
    assert len(explain.feature_layers(model)) >= 2


def test_feature_maps_are_what_the_layer_gives():
    model = build_model("tiny", 10)
    first = explain.feature_maps(model, IMAGES[0], explain.feature_layers(model)[0])
    assert first.shape == (8, 14, 14) and first.min() >= 0
    # Convolution with stride 2 and "same" padding: rows 0, 2, 4 … of a kernel laid from the top.
    kernel = explain.first_filters(model)[3]
    scale = 1 / np.sqrt(1 + 1e-3)  # batch normalisation of a network that was never trained
    expected = max(0, (kernel * IMAGES[0][4:7, 6:9] / 255).sum() * scale)
    assert first[3, 2, 3] == pytest.approx(expected, abs=1e-5)


def test_features_are_what_the_last_layer_weighs():
    model = build_model("tiny", 10)
    kernel, bias = model.get_layer(HEAD).get_weights()
    features = explain.embed(model, IMAGES, batch_size=2)
    logits = model(IMAGES[..., None] / np.float32(255), training=False)
    np.testing.assert_allclose(features @ kernel + bias, logits, atol=1e-4)


def history():
    rows = [
        {"variant": name, "seed": seed, "epoch": epoch, "accuracy": 1.0, "validation_accuracy": 0.9}
        for name in ("plain", "dropout")
        for seed in (0, 1)
        for epoch in (1, 2)
    ]
    return pd.DataFrame(rows)


FIGURES = {
    "steps": lambda: explain_plots.plot_steps({"image": IMAGES[0], "ink": IMAGES[0] / 255}),
    "pixel_values": lambda: explain_plots.plot_pixel_values(IMAGES),
    "signed": lambda: explain_plots.plot_signed(IMAGES - 100.0, range(3), columns=2),
    "occlusion": lambda: explain_plots.plot_occlusion(IMAGES, IMAGES / 255, "abc"),
    "occlusion_blank": lambda: explain_plots.plot_occlusion(0 * IMAGES, 0.0 * IMAGES, "abc"),
    "variants": lambda: explain_plots.plot_variants(history()),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_renders(name):
    assert plots.png_bytes(FIGURES[name](), dpi=50).startswith(b"\x89PNG")


def test_no_filters_to_plot_is_said():
    with pytest.raises(ValueError, match="no images to plot"):
        explain_plots.plot_signed([], [])
