"""The results file keeps every row, whoever writes, and tells nothing about the machine."""

import subprocess
import sys
import threading

import pytest

from handwriting import paths, results
from handwriting.errors import UserError

WRITER = """
import sys
from handwriting.results import append_result
for number in range(15):
    append_result(sys.argv[1], experiment=f"{sys.argv[2]}-{number}", commit="", hardware="",
                  notes="x" * 3000)
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "results.csv"


def test_four_processes_lose_no_row(file):
    call = [sys.executable, "-c", WRITER, str(file)]
    writers = [subprocess.Popen([*call, str(number)]) for number in range(4)]
    assert [writer.wait() for writer in writers] == [0] * 4
    frame = results.read_results(file)
    expected = {f"{writer}-{number}" for writer in range(4) for number in range(15)}
    assert set(frame["experiment"]) == expected and len(frame) == 60
    assert (frame["notes"].str.len() == 3000).all()


def test_a_writer_waits_for_the_lock(file):
    fcntl = pytest.importorskip("fcntl")
    with open(file, "a+") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        writer = threading.Thread(target=results.append_result, args=[file])
        writer.start()
        writer.join(timeout=0.5)
        assert writer.is_alive() and file.read_text() == ""
    writer.join(timeout=30)
    assert len(file.read_text().splitlines()) == 2


def test_row_reads_back_and_the_rest_is_filled_in(file):
    results.append_result(file, experiment="a", data_hash="0123", test_score=0.91234, test_n=10)
    row = results.read_results(file).iloc[0]
    assert (row["data_hash"], row["test_score"], row["test_n"]) == ("0123", 0.91234, 10)
    assert row["hardware"] and row["command"].startswith("python ")
    assert str(row["date"]).startswith("20")


def test_header_is_the_documented_one(file):
    results.append_result(file, experiment="a")
    assert file.read_text().splitlines()[0] == (
        "date,experiment,commit,data,data_hash,seed,epochs,train_n,validation_score,"
        "validation_n,test_score,test_n,metric,minutes,hardware,command,notes"
    )


def test_a_misspelt_column_is_refused(file):
    with pytest.raises(ValueError, match="test_scor"):
        results.append_result(file, test_scor=1)
    assert not file.exists()


def test_a_foreign_file_is_left_alone(file):
    file.write_text("something,else\n")
    with pytest.raises(UserError, match="unexpected header"):
        results.append_result(file, experiment="a")
    assert file.read_text() == "something,else\n"


def test_a_row_cut_short_does_not_swallow_the_next(file):
    results.append_result(file, experiment="a")
    file.write_text(file.read_text().rstrip("\n"))
    results.append_result(file, experiment="b", notes="two\nlines, one comma")
    frame = results.read_results(file)
    assert list(frame["experiment"]) == ["a", "b"]
    assert frame["notes"][1] == "two lines, one comma"


def test_without_a_file_the_table_is_empty(file):
    assert list(results.read_results(file).columns) == list(results.COLUMNS)
    assert len(results.results_table(results.read_results(file)).splitlines()) == 2


def test_table_shows_the_latest_row_of_each_experiment(file):
    for score in (0.5, 0.75):
        results.append_result(file, experiment="b", data="mnist", test_score=score, test_n=10_000)
    results.append_result(file, experiment="a", data="emnist", validation_score=0.25, minutes=1.25)
    results.append_result(file, experiment="evaluate b", data="mnist", test_score=0.1)
    lines = results.results_table(results.read_results(file)).splitlines()
    assert lines[2:] == [
        "| a | emnist |  | 0.2500 |  |  |  | 1.2 |",
        "| b | mnist |  |  |  | 0.7500 | 10,000 |  |",
    ]
    assert "evaluate b" in results.results_table(results.read_results(file), evaluations=True)


@pytest.mark.parametrize(
    "argument, shown",
    [
        (str(paths.ROOT / "src/train.py"), "src/train.py"),
        ("/somewhere/data/mnist", "data/mnist"),
        ("--data=/somewhere/data", "--data=data"),
        ("/home/jane doe/scan 1.png", "scan 1.png"),
        ("--output=/home/jane/out.csv", "--output=out.csv"),
        ("~/secret/page.png", "page.png"),
        ("data/mnist", "data/mnist"),
        ("https://example.org/a/b", "https://example.org/a/b"),
        ("--learning-rate=1e-3", "--learning-rate=1e-3"),
    ],
)
def test_command_shows_no_absolute_path(monkeypatch, argument, shown):
    monkeypatch.setenv("HANDWRITING_DATA", "/somewhere/data")
    monkeypatch.setattr(sys, "argv", ["train.py", argument])
    quoted = f"'{shown}'" if " " in shown else shown
    assert results.command() == f"python train.py {quoted}"


def test_a_project_behind_a_link_is_still_the_project(monkeypatch, tmp_path):
    (tmp_path / "link").symlink_to(paths.ROOT)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "link/src/train.py")])
    assert results.command() == "python src/train.py"


def test_relative_data_folder_and_paths_in_notes_are_hidden(monkeypatch, file):
    monkeypatch.setenv("HANDWRITING_DATA", "../elsewhere/files")
    results.append_result(file, notes="from ../elsewhere/files/mnist and /home/jane/x.csv")
    assert results.read_results(file)["notes"][0] == "from data/mnist and x.csv"


def test_hardware_names_no_host():
    import platform

    assert platform.node() not in results.hardware()
    assert results.hardware().endswith("cores")
