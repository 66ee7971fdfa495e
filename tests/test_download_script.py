"""`python src/download.py` as a user runs it: what it prints, and its exit status."""

import gzip
import hashlib
import json
import os
import struct
import subprocess
import sys
import zipfile

import pytest
from local_server import Site, serve

from handwriting import paths

SCRIPT = paths.ROOT / "src" / "download.py"
HEAD = "title = 'T'\nlicence = 'L'\nsize = 'S'\nsource = ''\ncitation = ''\nby_hand = ''\n"
CLASSES = "AB"

# What the `kaggle` package does, without the network.
FAKE_KAGGLE = """
import os, shutil, zipfile
class KaggleApi:
    def authenticate(self):
        print("a page of help")
        if os.environ.get("FAKE") == "expired":
            exit(1)
    def dataset_download_files(self, dataset, path=None, quiet=True):
        if os.environ.get("FAKE") == "offline":
            raise OSError("no route\\nto host")
        shutil.copy(os.environ["FAKE_ZIP"], os.path.join(path, dataset.split("/")[1] + ".zip"))
"""


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def run(tmp_path, home):
    """Run the script with a data folder and a home of its own."""

    def start(*arguments, **environment):
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("KAGGLE", "XDG"))}
        own = {"HOME": str(home), "USERPROFILE": str(home), "NO_PROXY": "127.0.0.1"}
        own["HANDWRITING_DATA"] = str(tmp_path / "data")
        done = subprocess.run(
            [sys.executable, str(SCRIPT), *map(str, arguments)],
            env=inherited | own | environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return done

    return start


@pytest.fixture
def site():
    labels = b"\0\0\x08\x01" + struct.pack(">I", 50) + bytes(50)
    with serve(Site(content={"good.gz": gzip.compress(labels)})) as running:
        yield running


@pytest.fixture
def sets(tmp_path, site):
    """A catalogue: `good` can be had, `gone` is 404, `wrong` has another hash, `kag` is Kaggle."""
    good = hashlib.sha256(site.content["good.gz"]).hexdigest()
    files = {"good": ("good.gz", good), "gone": ("gone.gz", good), "wrong": ("good.gz", "0" * 64)}
    text = ""
    for name, (url, expected) in files.items():
        text += f"[{name}]\n{HEAD}[[{name}.files]]\npath = '{name}/l-labels-idx1-ubyte.gz'\n"
        text += f"url = '{site.address}{url}'\nsha256 = '{expected}'\n"
    text += f"[kag]\n{HEAD}classes = 2\nclass_folders = ['kag/Train', 'kag/Validation']\n"
    text += "[kag.archive]\nkaggle = 'owner/set'\ntarget = 'kag'\nkeep = ['Train', 'Validation']\n"
    text += "file = {path = 'downloads/kag.zip'}\n"
    (tmp_path / "sets.toml").write_text(text)
    return tmp_path / "sets.toml"


def characters(path):
    """A zip in the layout of the Kaggle set, with the second copy that it holds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for split in ("Train", "Validation", "dataset/Train"):
            for name in CLASSES:
                archive.writestr(f"{split}/{name}/1.png", b"pixels")
    return path


def error_line(done) -> str:
    """The one line on stderr of a run that failed as it should."""
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: ")
    return lines[0]


def test_without_a_name_it_lists_the_sets(run):
    done = run()
    assert done.returncode == 0 and done.stderr == ""
    for words in ("mnist:", "emnist:", "kaggle-characters:", "licence", "size", "missing"):
        assert words in done.stdout


def test_an_unknown_name_lists_the_known(run):
    assert "there are mnist, emnist" in error_line(run("minst"))


def test_one_failure_does_not_stop_the_others(run, sets, tmp_path):
    done = run("gone", "good", "--catalogue", sets)
    assert "404" in error_line(done)
    assert "good: complete" in done.stdout
    assert (tmp_path / "data/good/l-labels-idx1-ubyte.gz").is_file()


def test_a_wrong_hash_names_file_and_remedy(run, sets):
    line = error_line(run("wrong", "--catalogue", sets))
    assert "wrong/l-labels-idx1-ubyte.gz" in line and "expected " + "0" * 64 in line
    assert "again" in line


def test_check_tells_the_states(run, sets, tmp_path):
    done = run("good", "--check", "--catalogue", sets)
    assert done.returncode == 2 and "missing" in done.stdout and done.stderr == ""
    assert run("good", "--catalogue", sets).returncode == 0
    done = run("good", "--check", "--catalogue", sets)
    assert done.returncode == 0 and "good: complete" in done.stdout
    path = tmp_path / "data/good/l-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-5])
    done = run("good", "--check", "--catalogue", sets)
    assert done.returncode == 2 and "broken" in done.stdout and "truncated gzip" in done.stdout


def test_a_broken_file_is_fetched_anew(run, sets, tmp_path):
    path = tmp_path / "data/good/l-labels-idx1-ubyte.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half")
    assert run("good", "--catalogue", sets).returncode == 0
    assert run("good", "--check", "--catalogue", sets).returncode == 0
    assert path.with_name(path.name + ".old").read_bytes() == b"half"


def test_another_data_folder(run, sets, tmp_path):
    other = tmp_path / "other"
    assert run("good", "--data", other, "--catalogue", sets).returncode == 0
    assert (other / "good/l-labels-idx1-ubyte.gz").is_file()


def test_a_data_folder_that_is_a_file(run, sets, tmp_path):
    (tmp_path / "other").write_text("")
    assert "other" in error_line(run("good", "--data", tmp_path / "other", "--catalogue", sets))


def test_an_archive_is_fetched_checked_and_unpacked(run, sets, site, tmp_path):
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        archive.writestr("gzip/map.txt", "0 48")
    site.content["packed.zip"] = content = (tmp_path / "packed.zip").read_bytes()
    text = f"[packed]\n{HEAD}[packed.archive]\ntarget = 'packed/gzip'\ninside = 'gzip'\n"
    text += f"file = {{path = 'downloads/p.zip', url = '{site.address}packed.zip', "
    text += f"sha256 = '{hashlib.sha256(content).hexdigest()}'}}\n"
    sets.write_text(text + "[[packed.files]]\npath = 'packed/gzip/map.txt'\n")
    done = run("packed", "--catalogue", sets)
    assert done.returncode == 0, done.stderr
    assert "downloads/p.zip: SHA-256 matches" in done.stdout
    assert (tmp_path / "data/packed/gzip/map.txt").read_text() == "0 48"
    run("packed", "--catalogue", sets)
    assert len(site.requests) == 1


def test_nothing_but_text_on_a_pipe(run, sets):
    done = run("good", "--catalogue", sets)
    assert done.stderr == "" and "\r" not in done.stdout


def test_kaggle_without_credentials_says_both_ways(run, home):
    line = error_line(run("kaggle-characters"))
    assert "https://www.kaggle.com/settings/api" in line and "~/.kaggle/access_token" in line
    assert "kaggle-characters.zip" in line and "vaibhao/handwritten-characters" in line
    # The kaggle package would have made its folder by being imported.
    assert list(home.iterdir()) == []


def test_a_zip_saved_by_hand_is_unpacked(run, sets, tmp_path):
    characters(tmp_path / "data/downloads/kag.zip")
    done = run("kag", "--catalogue", sets)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "data/kag/Train/A/1.png").read_bytes() == b"pixels"
    assert not (tmp_path / "data/kag/dataset").exists()
    assert run("kag", "--check", "--catalogue", sets).returncode == 0
    (tmp_path / "data/kag/Train/A/1.png").unlink()
    done = run("kag", "--check", "--catalogue", sets)
    assert done.returncode == 2 and "no image in A" in done.stdout


def test_a_login_page_saved_as_zip_is_named(run, sets, tmp_path):
    (tmp_path / "data/downloads").mkdir(parents=True)
    (tmp_path / "data/downloads/kag.zip").write_text("<html>sign in</html>")
    assert "not a zip archive" in error_line(run("kag", "--catalogue", sets))


@pytest.fixture
def fake_kaggle(tmp_path):
    package = tmp_path / "fake" / "kaggle" / "api"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").write_text("")
    (package / "__init__.py").write_text("")
    (package / "kaggle_api_extended.py").write_text(FAKE_KAGGLE)
    path = os.pathsep.join([str(tmp_path / "fake"), os.environ.get("PYTHONPATH", "")])
    zipped = characters(tmp_path / "theirs.zip")
    return {"PYTHONPATH": path, "FAKE_ZIP": str(zipped), "KAGGLE_API_TOKEN": "secret-token"}


def test_kaggle_with_credentials(run, sets, tmp_path, fake_kaggle):
    done = run("kag", "--catalogue", sets, **fake_kaggle)
    assert done.returncode == 0, done.stderr
    assert "a page of help" not in done.stdout
    assert (tmp_path / "data/kag/Validation/B/1.png").is_file()
    assert (tmp_path / "data/downloads/kag.zip.sha256").is_file()


@pytest.mark.parametrize(
    "how, words", [("expired", "does not accept the credentials"), ("offline", "no route to host")]
)
def test_kaggle_refusals_are_one_line(how, words, run, sets, fake_kaggle):
    line = error_line(run("kag", "--catalogue", sets, FAKE=how, **fake_kaggle))
    assert words in line and "in a browser" in line and "secret-token" not in line


def test_a_spoilt_kaggle_json_is_named(run, sets, home):
    (home / ".kaggle").mkdir()
    (home / ".kaggle/kaggle.json").write_text(json.dumps({"user": "me"}))
    assert "kaggle.json: not a Kaggle key" in error_line(run("kag", "--catalogue", sets))
