"""Emoji: rendering, variation, tracing, and drawings that stand in one split only."""

import csv
import json

import cv2
import numpy as np
import pytest
from real_data import real_data

from handwriting import paths
from handwriting.datasets.base import Split
from handwriting.datasets.characters import balance, join
from handwriting.datasets.emoji import CLASSES, draw_variants, load_emoji
from handwriting.datasets.emoji_classes import EMOJI, MISLEADING
from handwriting.datasets.emoji_sources import PARTS, read_sources
from handwriting.datasets.strokes import make_drawing, mirror, render, vary
from handwriting.datasets.trace import thin, trace_lines, trace_outlines
from handwriting.errors import UserError

SQUARE = [[(0, 0), (200, 0), (200, 200), (0, 200), (0, 0)]]


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "cache_dir", lambda: tmp_path / "cache")


@pytest.fixture
def root(tmp_path):
    """A data folder with five drawings of every word and three fonts for every symbol."""
    rng = np.random.default_rng(0)
    words = [word for emoji in EMOJI.values() for word in emoji.words]
    (tmp_path / "emoji").mkdir()
    with (tmp_path / "emoji" / "strokes.ndjson").open("w") as file:
        for word in [*words, "squiggle"]:
            for i in range(5):
                strokes = rng.integers(0, 255, (2, 2, 5)).tolist()
                row = {"word": word, "key_id": f"{word}-{i}", "drawing": strokes}
                file.write(json.dumps(row) + "\n")
    folder = tmp_path / "fonts" / "symbols"
    folder.mkdir(parents=True)
    with (folder / "symbols.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, ["file", "name", "source", "solid"])
        table.writeheader()
        for emoji in EMOJI.values():
            for source in ("Noto Emoji", "OpenMoji", "DejaVu Sans", "DejaVu Sans 2"):
                if emoji.symbol:
                    name = f"{emoji.symbol}_{source}.png".replace(" ", "_")
                    picture = np.full((64, 64), 255, np.uint8)
                    cv2.circle(picture, (32, 32), int(rng.integers(10, 30)), 0, 3)
                    cv2.imwrite(str(folder / name), picture)
                    row = {"file": name, "name": emoji.symbol, "source": source, "solid": "0"}
                    table.writerow(row)
    return tmp_path


def test_drawing_fills_the_box_of_emnist():
    image = render(make_drawing(SQUARE), pen=2.0)
    assert image.shape == (28, 28) and image.dtype == np.uint8
    assert image.max() == 255
    rows, columns = np.nonzero(image > 127)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (2, 25, 2, 25)
    assert image[6:22, 6:22].max() == 0  # paper inside, two pixels of ink around
    assert (image[14] > 127).sum() == 4


def test_a_dot_and_a_flat_line_can_be_drawn():
    assert render(make_drawing([[(5, 5)]])).max() > 200
    line = render(make_drawing([[(0, 5), (100, 5)]]))
    assert (line > 127).any(axis=0).sum() in (23, 24, 25)


def test_variation_follows_the_generator():
    drawing = make_drawing(SQUARE)
    first, again = (vary(drawing, np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(first.points, again.points)
    other = vary(drawing, np.random.default_rng(2))
    assert not np.array_equal(first.points, other.points)
    still = vary(drawing, np.random.default_rng(1), strength=0)
    assert np.allclose(still.points, drawing.points, atol=1e-3)


def test_variants_begin_with_the_drawing_itself():
    drawing = make_drawing(SQUARE)
    images = draw_variants([drawing, mirror(drawing)], 6, np.random.default_rng(0))
    assert np.array_equal(images[0], render(drawing))
    assert len({image.tobytes() for image in images[2:]}) == 4


def test_mirror_swaps_left_and_right():
    drawing = make_drawing([[(0, 0), (0, 100), (60, 100)]])
    assert np.array_equal(render(mirror(drawing)), render(drawing)[:, ::-1])


def test_lines_are_traced_along_their_middle():
    picture = np.full((64, 64), 255, np.uint8)
    cv2.rectangle(picture, (10, 10), (50, 50), 0, 5)
    strokes = np.concatenate(trace_lines(picture))
    assert strokes.min(axis=0) == pytest.approx([10, 10], abs=1.5)
    assert strokes.max(axis=0) == pytest.approx([50, 50], abs=1.5)
    edges = trace_outlines(picture)
    assert len(edges) == 1 and all(np.array_equal(edge[0], edge[-1]) for edge in edges)


def test_thinning_keeps_lines_whole():
    ink = np.zeros((40, 40), np.uint8)
    # Two pixels wide and diagonal: what some thinning methods eat from the end.
    for offset in (0, 1):
        cv2.line(ink, (5 + offset, 5), (33 + offset, 33), 1)
    cv2.circle(ink, (12, 30), 5, 1, 3)
    thinned = thin(ink > 0)
    assert cv2.connectedComponents(thinned.astype(np.uint8))[0] == 3
    rows = np.flatnonzero(thinned[:, 20:].any(axis=1))
    assert rows.max() >= 31
    assert not (thinned[:-1, :-1] & thinned[1:, :-1] & thinned[:-1, 1:] & thinned[1:, 1:]).any()


def test_filled_dots_survive_tracing():
    picture = np.full((64, 64), 255, np.uint8)
    for centre in ((20, 20), (44, 20)):
        cv2.circle(picture, centre, 4, 0, -1)
    assert len(trace_lines(picture)) == 2


def test_no_drawing_stands_in_two_splits(root):
    sources = read_sources(root, seed=0)
    names = {part: {s.name for s in sources if s.part == part} for part in PARTS}
    assert all(names.values())
    assert len(set.union(*names.values())) == sum(map(len, names.values()))
    assert not any(name.startswith("squiggle") for name in names["train"])
    # One font is kept from training altogether.
    fonts = {part: {n for n in names[part] if n.endswith(".png")} for part in PARTS}
    assert not any("DejaVu" in name for name in fonts["train"])
    assert all("DejaVu" in name for name in fonts["validation"] | fonts["test"])


def test_full_quickdraw_files_are_added_once(root):
    before = read_sources(root)
    word = EMOJI["⭐"].words[0]
    lines = (root / "emoji" / "strokes.ndjson").read_text().splitlines()
    known = [line for line in lines if json.loads(line)["word"] == word]
    new = json.dumps(json.loads(known[0]) | {"key_id": "another"})
    (root / "quickdraw").mkdir()
    (root / "quickdraw" / f"{word}.ndjson").write_text("\n".join([*known, new]))
    assert len(read_sources(root)) == len(before) + 1


def test_every_class_in_every_split_and_the_seed_decides(root):
    data = load_emoji(variants_per_class=12, seed=1, root=root)
    assert data.classes == CLASSES and len(set(CLASSES)) == len(CLASSES)
    assert np.bincount(data.train.labels).tolist() == [12] * len(CLASSES)
    for split in (data.validation, data.test):
        assert set(split.labels.tolist()) == set(range(len(CLASSES)))
    assert data.fingerprint() == load_emoji(12, seed=1, root=root).fingerprint()
    assert data.fingerprint() != load_emoji(12, seed=2, root=root).fingerprint()


def test_missing_or_damaged_drawings_are_named(root, tmp_path_factory):
    with pytest.raises(UserError, match=r"download\.py quickdraw"):
        load_emoji(root=tmp_path_factory.mktemp("nothing"))
    file = root / "emoji" / "strokes.ndjson"
    file.write_text(file.read_text() + "{half a li")
    with pytest.raises(UserError, match=r"strokes.ndjson, line \d+: not a Quick, Draw! drawing"):
        load_emoji(root=root)


def test_emoji_that_nobody_drew_is_named(root):
    (root / "emoji" / "strokes.ndjson").write_text("")
    undrawn = next(character for character, emoji in EMOJI.items() if not emoji.symbol)
    with pytest.raises(UserError, match=f"no drawing of.* {undrawn}"):
        read_sources(root)


def test_balance_repeats_and_draws():
    images = np.zeros((13, 28, 28), np.uint8)
    images[:, 0, 0] = np.arange(13)
    split = balance(Split(images, np.array([0] * 10 + [1] * 3)), 6, np.random.default_rng(0))
    assert np.bincount(split.labels).tolist() == [6, 6]
    first = split.images[split.labels == 0, 0, 0]
    assert len(set(first.tolist())) == 6
    second = split.images[split.labels == 1, 0, 0]
    assert sorted(second.tolist()) == [10, 10, 11, 11, 12, 12]


def test_join_counts_labels_on():
    one = Split(np.zeros((2, 28, 28), np.uint8), np.array([0, 1]))
    joined = join((one, one, one), (2, 4))
    assert joined.labels.tolist() == [0, 1, 2, 3, 6, 7]


def test_real_drawings():
    root = real_data("emoji/strokes.ndjson")
    sources = read_sources(root, seed=0)
    assert {s.label for s in sources if s.part == "test"} == set(range(len(CLASSES)))
    assert not MISLEADING & {s.name for s in sources if s.part == "train"}
