"""Fixtures that several test files share."""

import pytest
from toy import build_onnx, write_model


@pytest.fixture(scope="session")
def toy_onnx() -> bytes:
    return build_onnx()


@pytest.fixture
def toy_model(toy_onnx, tmp_path, monkeypatch):
    """A models folder with the model `toy`, and HANDWRITING_MODELS naming it."""
    folder = tmp_path / "models"
    write_model(folder, toy_onnx)
    monkeypatch.setenv("HANDWRITING_MODELS", str(folder))
    return folder
