"""`images.to_character`: centring, box, polarity and robustness, exactly and on MNIST."""

import gzip
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from handwriting.errors import UserError
from handwriting.images import (
    EMNIST_FORMAT,
    CharacterFormat,
    degrade,
    flatten_illumination,
    has_ink,
    load,
    to_character,
    to_character_steps,
)

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = int(os.environ.get("IMAGES_TEST_SAMPLES", "100"))
KEPT = 0.98


def draw(kind: str, side: int = 400, thickness: int = 24) -> np.ndarray:
    """A glyph of strokes on white paper, (side, side) uint8, 0 = ink."""
    picture = np.full((400, 400), 255, np.uint8)
    strokes = {
        "seven": [[(120, 110), (270, 110), (170, 300)]],
        "equals": [[(120, 170), (280, 170)], [(120, 240), (280, 240)]],
        "i": [[(200, 180), (200, 300)], [(200, 110), (200, 112)]],
        "ell": [[(150, 90), (150, 300), (260, 300)]],
        "minus": [[(120, 200), (280, 200)]],
    }
    for stroke in strokes[kind]:
        cv2.polylines(picture, [np.array(stroke)], False, 0, thickness, cv2.LINE_AA)
    return cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)


def box_of(character: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, width and height of the ink."""
    return cv2.boundingRect((character[..., 0] > 0.1).astype(np.uint8))


def parts_of(character: np.ndarray) -> int:
    return cv2.connectedComponents((character[..., 0] > 0.3).astype(np.uint8))[0] - 1


def similarity(one: np.ndarray, other: np.ndarray) -> float:
    """Cosine of the angle between two pictures: 1 for the same one, up to one pixel's shift.

    Whole pixels decide the place, so a mass halfway between two may fall on either.
    """
    shifts = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
    best = max(float((one * np.roll(other, shift, (0, 1))).sum()) for shift in shifts)
    return best / float(np.sqrt((one**2).sum() * (other**2).sum()))


KINDS = ["seven", "equals", "i", "ell", "minus"]


@pytest.mark.parametrize("kind", KINDS)
def test_shape_range_box_and_mass(kind):
    character = to_character(load(draw(kind)))
    assert character.shape == (28, 28, 1) and character.dtype == np.float32
    assert character.min() >= 0 and 0.95 < character.max() <= 1
    _, _, width, height = box_of(character)
    assert abs(max(width, height) - 20) <= 1
    mass = character[..., 0] / character.sum()
    for axis in (0, 1):
        assert abs(float(mass.sum(axis=1 - axis) @ np.arange(28)) - 14) <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_emnist_format_centres_the_box(kind):
    left, top, width, height = box_of(to_character(load(draw(kind)), EMNIST_FORMAT))
    assert abs(max(width, height) - 24) <= 1
    assert abs(left + width / 2 - 14) <= 1 and abs(top + height / 2 - 14) <= 1


@pytest.mark.parametrize("kind, parts", [("equals", 2), ("i", 2), ("seven", 1)])
def test_all_parts_are_kept(kind, parts):
    assert parts_of(to_character(load(draw(kind)))) == parts


@pytest.mark.parametrize("kind", KINDS)
def test_polarity_and_scale_do_not_matter(kind):
    plain = to_character(load(draw(kind)))
    assert similarity(plain, to_character(load(255 - draw(kind)))) > 0.99
    assert similarity(plain, to_character(load(draw(kind, side=1200)))) > 0.95


def test_mass_near_the_edge_is_not_cut_off():
    picture = np.full((400, 400), 255, np.uint8)
    cv2.rectangle(picture, (100, 100), (160, 300), 0, -1)
    cv2.line(picture, (100, 110), (300, 110), 0, 6)
    wide = CharacterFormat(box=27)
    left, top, width, height = box_of(to_character(load(picture), wide))
    assert abs(max(width, height) - 27) <= 1
    assert left >= 0 and top >= 0 and left + width <= 28 and top + height <= 28


def test_thin_pen_strokes_are_thickened():
    picture = draw("ell", side=1000, thickness=4)
    character = to_character(load(picture))
    across = character[10, :, 0]
    assert 1.4 < across.sum() < 3.5, "a stroke about as wide as in MNIST"
    assert across.max() > 0.9


def test_neighbours_specks_and_frames_are_left_out():
    picture = draw("seven")
    clean = to_character(load(picture))
    cv2.line(picture, (0, 60), (30, 20), 0, 20)  # a neighbour's stroke, cut by the edge
    cv2.line(picture, (396, 0), (396, 400), 0, 9)  # the edge of the desk
    picture[50:53, 330:333] = 0  # dirt
    assert similarity(clean, to_character(load(picture))) > 0.98


@pytest.mark.parametrize("squared", [False, True])
def test_printed_lines_vanish(squared):
    picture = draw("ell")
    clean = to_character(load(picture))
    for at in range(20, 400, 50):
        cv2.line(picture, (0, at), (399, at + 8), 120, 2, cv2.LINE_AA)
        if squared:
            cv2.line(picture, (at, 0), (at - 8, 399), 120, 2, cv2.LINE_AA)
    assert similarity(clean, to_character(load(picture))) > 0.95


@pytest.mark.parametrize("side", [28, 60, 300, 1000])
@pytest.mark.parametrize("level, sigma", [(255, 0), (0, 0), (200, 4), (120, 12)])
def test_blank_paper_holds_no_writing(side, level, sigma):
    rng = np.random.default_rng(side)
    noisy = level + rng.normal(0, sigma, (side, side))
    paper = load(noisy.clip(0, 255).astype(np.uint8))
    if sigma > 4 and side <= 64:
        pytest.skip("so small a picture is a crop already: its noise is taken for texture")
    assert not has_ink(paper)
    with pytest.raises(UserError, match="holds no writing"):
        to_character(paper)


def test_blank_lined_paper_holds_no_writing():
    picture = np.full((400, 400), 255, np.uint8)
    for at in range(20, 400, 50):
        cv2.line(picture, (0, at), (399, at + 5), 150, 2, cv2.LINE_AA)
    assert not has_ink(picture)


def test_flatten_illumination_levels_light_and_keeps_ink():
    rows, columns = np.mgrid[:400, :400] / 400
    light = 0.35 + 0.65 * columns * (1 - 0.3 * rows)
    light[:, 150:] *= 0.8  # a hard shadow
    picture = (draw("seven") * light).astype(np.uint8)
    flat = flatten_illumination(picture)
    ink = cv2.erode((draw("seven") < 40).astype(np.uint8), np.ones((5, 5))) > 0
    paper = cv2.erode((draw("seven") > 250).astype(np.uint8), np.ones((9, 9))) > 0
    assert flat.dtype == np.uint8 and flat.shape == picture.shape
    assert np.percentile(flat[paper], 2) > 200
    assert np.percentile(flat[ink], 98) < 60


def test_blank_page_is_not_amplified():
    rng = np.random.default_rng(0)
    light = np.linspace(120, 220, 500)[None] + rng.normal(0, 5, (400, 500))
    assert (flatten_illumination(light.astype(np.uint8)) == 255).all()


def test_steps_share_the_result():
    picture = load(draw("seven"))
    steps = to_character_steps(picture)
    assert list(steps) == ["image", "even light", "rules removed", "ink", "crop", "character"]
    assert np.array_equal(steps["character"], to_character(picture)[..., 0])


def test_format_goes_into_the_model_card_and_back():
    assert CharacterFormat.from_dict(EMNIST_FORMAT.to_dict()) == EMNIST_FORMAT
    assert CharacterFormat().margin == 4
    for wrong in ({"centre": "middle"}, {"box": 30}, {"box": 0}):
        with pytest.raises(UserError):
            CharacterFormat(**wrong)


def data_folder() -> Path:
    named = os.environ.get("HANDWRITING_DATA")
    choices = [Path(named)] if named else [ROOT / "data", ROOT.parent / "shared" / "data"]
    for folder in choices:
        if (folder / "mnist" / "t10k-images-idx3-ubyte.gz").exists():
            return folder / "mnist"
    pytest.skip("no MNIST test set in data/mnist: python src/download.py mnist")


@pytest.fixture(scope="module")
def glyphs() -> tuple[np.ndarray, np.ndarray]:
    """MNIST test glyphs (N, 28, 28) uint8, 255 = ink, and their labels."""
    folder = data_folder()
    images = gzip.decompress((folder / "t10k-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / "t10k-labels-idx1-ubyte.gz").read_bytes())
    images = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28)
    chosen = np.random.default_rng(11).permutation(len(images))[:SAMPLES]
    return images[chosen], np.frombuffer(labels, np.uint8, offset=8)[chosen]


@pytest.fixture(scope="module")
def predict():
    """The MNIST model as a function from (N, 28, 28, 1) to labels (N,)."""
    folder = Path(os.environ.get("HANDWRITING_MODELS") or ROOT / "saved_models")
    if not (folder / "mnist.onnx").exists():
        pytest.skip("no saved_models/mnist.onnx: python src/train.py mnist")
    onnxruntime = pytest.importorskip("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / "mnist.onnx"), options)
    name = session.get_inputs()[0].name
    return lambda batch: session.run(None, {name: batch})[0].argmax(axis=1)


def test_mnist_comes_back_as_it_was(glyphs):
    for glyph in glyphs[0][:50]:
        expected = glyph[..., None] / 255.0
        assert np.abs(to_character(load(255 - glyph)) - expected).max() < 0.05
        assert np.abs(to_character(load(glyph)) - expected).max() < 0.05
        sheet = np.full((200, 220), 255, np.uint8)
        sheet[60:88, 130:158] = 255 - glyph
        assert similarity(to_character(load(sheet)), expected) > 0.9


DEGRADATIONS = {
    "large": degrade.paste_large,
    "inverted": lambda glyph, rng: degrade.invert(degrade.paste_large(glyph, rng)),
    "off centre": degrade.off_centre,
    "noisy": lambda glyph, rng: degrade.add_noise(degrade.paste_large(glyph, rng), rng),
    "ruled paper": degrade.on_lined_paper,
    "squared paper": lambda glyph, rng: degrade.on_lined_paper(glyph, rng, squared=True),
    "photographed": degrade.photograph,
}


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_degraded_mnist_keeps_its_accuracy(name, glyphs, predict):
    images, labels = glyphs
    clean = (predict((images / 255.0).astype(np.float32)[..., None]) == labels).mean()
    rng = np.random.default_rng(1)
    found = [to_character(load(DEGRADATIONS[name](glyph, rng))) for glyph in images]
    accuracy = (predict(np.stack(found)) == labels).mean()
    # One picture of slack, so that a small sample does not decide by a single glyph.
    assert accuracy >= KEPT * clean - 1 / len(images)
