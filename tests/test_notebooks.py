"""The committed notebooks were run from top to bottom, and run again in their FAST size."""

import re
import shutil

import nbformat
import pytest
from nbclient import NotebookClient

from handwriting.datasets.generated import write_generated_mnist
from handwriting.datasets.generated_characters import write_generated_characters
from handwriting.lines.generated import write_generated_lines
from handwriting.pages.generated import write_generated_pages
from handwriting.paths import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CELL_LINES = 25
OUTPUT_BYTES = 3_000_000
CELL_SECONDS = 120
FORBIDDEN = {
    "installs packages": r"^\s*[!%]\s*(pip|conda)\b",
    "changes sys.path": r"sys\.path",
    "names an absolute path": r"(?<![\w.:/])(/(home|Users|root|tmp|mnt|work|content)/|[A-Z]:\\)",
}


def by_name(path) -> str:
    return path.stem


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook) -> list:
    return [output for cell in code_cells(notebook) for output in cell.outputs]


def no_noise(notebook) -> list[str]:
    """What libraries wrote to standard error; a reader should not have to wonder about it."""
    return [o.text for o in outputs(notebook) if o.output_type == "stream" and o.name == "stderr"]


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_generated_mnist(folder)
    write_generated_lines(folder)
    write_generated_pages(folder)
    write_generated_characters(folder)  # last: adds to the fonts of the lines
    return folder


@pytest.fixture(params=NOTEBOOKS, ids=by_name)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def test_there_are_notebooks():
    assert NOTEBOOKS


def test_notebook_is_valid_and_opens_with_a_title(notebook):
    nbformat.validate(notebook)
    assert notebook.cells[0].cell_type == "markdown"
    assert notebook.cells[0].source.startswith("# ")


def test_every_cell_was_run_once_in_order(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_outputs_have_no_errors_and_no_noise_and_are_small(notebook, path):
    assert [o.evalue for o in outputs(notebook) if o.output_type == "error"] == []
    assert no_noise(notebook) == []
    assert path.stat().st_size < OUTPUT_BYTES


def test_cells_are_short(notebook):
    lengths = [len(cell.source.splitlines()) for cell in code_cells(notebook)]
    assert max(lengths) <= CELL_LINES


@pytest.mark.parametrize("what", FORBIDDEN)
def test_cells_and_outputs_suit_any_machine(notebook, what):
    texts = [cell.source for cell in notebook.cells]
    texts += [o.text for o in outputs(notebook) if o.output_type == "stream"]
    texts += [str(o.get("data", {}).get("text/plain", "")) for o in outputs(notebook)]
    assert [text for text in texts if re.search(FORBIDDEN[what], text, re.MULTILINE)] == []


def test_notebook_runs_in_its_fast_size(notebook, data_folder, tmp_path, monkeypatch):
    """From another working folder, on generated data; nothing in the repository changes."""
    # Learning curves and comparisons of the trained models are results, and notebooks show them.
    shutil.copytree(ROOT / "outputs" / "figures", tmp_path / "outputs" / "figures")
    for file in (ROOT / "outputs").glob("*.csv"):
        shutil.copy(file, tmp_path / "outputs")
    monkeypatch.setenv("NOTEBOOK_FAST", "1")
    monkeypatch.setenv("HANDWRITING_DATA", str(data_folder))
    monkeypatch.setenv("HANDWRITING_OUTPUTS", str(tmp_path / "outputs"))
    monkeypatch.setenv("HANDWRITING_CACHE", str(tmp_path / "cache"))
    (tmp_path / "elsewhere").mkdir()
    resources = {"metadata": {"path": str(tmp_path / "elsewhere")}}
    client = NotebookClient(
        notebook, timeout=CELL_SECONDS, kernel_name="python3", resources=resources
    )
    client.execute()
    assert no_noise(notebook) == []
    assert list((tmp_path / "elsewhere").iterdir()) == []
