"""Drawn pages stand in for the real ones: their files say what is written, and where."""

import numpy as np
import pytest

from handwriting.images import load
from handwriting.layout import find_lines
from handwriting.layout.scoring import score_page
from handwriting.pages.generated import LINES, PAGES, write_generated_pages
from handwriting.pages.scoring import PageTruth


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generated")
    write_generated_pages(folder)
    return folder


def pictures(folder):
    return sorted((folder / "pages").glob("*/*.jpg"))


def test_every_page_has_its_truth_and_a_split(folder):
    files = pictures(folder)
    table = (folder / "pages" / "README.md").read_text(encoding="utf-8")
    assert len(files) == sum(count for _, count in PAGES.values())
    for file in files:
        truth = PageTruth.read(file.with_suffix(".xml"), load(file).shape)
        assert len(truth.texts) == len(truth.clear) == LINES and all(truth.texts)
        assert f"| {file.parent.name}/{file.stem} | validation |" in table


def test_truth_lies_on_the_writing(folder):
    """Ink fills the outlines from end to end and stands on the baselines; none is elsewhere."""
    for file in pictures(folder):
        picture = load(file)
        truth = PageTruth.read(file.with_suffix(".xml"), picture.shape)
        ink = picture < 140
        inside = 0
        for polygon, baseline in truth.lines:
            (left, top), (right, bottom) = polygon.min(axis=0), polygon.max(axis=0)
            part = ink[int(top) : int(bottom) + 1, int(left) : int(right) + 1]
            columns = np.flatnonzero(part.any(axis=0))
            assert columns[0] < 12 and columns[-1] > right - left - 12
            base = round(float(baseline[:, 1].mean() - top))
            assert part[base - 8 : base].sum() > 3 * part[base + 3 :].sum()
            inside += part.sum()
        assert inside > 0.97 * ink.sum()
        assert score_page(find_lines(picture), truth.lines).bands.f1 == 1


def test_the_same_seed_gives_the_same_files(folder, tmp_path):
    write_generated_pages(tmp_path)
    for file in pictures(folder):
        again = tmp_path / file.relative_to(folder)
        assert again.read_bytes() == file.read_bytes()
        assert again.with_suffix(".xml").read_bytes() == file.with_suffix(".xml").read_bytes()
