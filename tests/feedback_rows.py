"""Readings as a recogniser would hand them to a feedback store."""

import os

import numpy as np
import pytest

from handwriting.feedback import database


@pytest.fixture
def quick_disk(monkeypatch):
    """Nobody pulls the plug in a test: nothing waits for the disk."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setitem(database.SETTINGS, "synchronous", "OFF")


def picture(number: int = 0, height: int = 28, width: int = 28) -> np.ndarray:
    """(height, width) uint8: a cross on paper, told from others by its first pixels."""
    image = np.full((height, width), 235, np.uint8)
    image[height // 2, 4:-4] = 40
    image[4:-4, width // 2] = 40
    image[0, :3] = number % 256, number // 256 % 256, 7
    return image


def reading(number: int = 0, **changes) -> dict:
    """Arguments for `FeedbackStore.add`; each number another picture."""
    height, width = (64, 200) if changes.get("kind") == "line" else (28, 28)
    return {
        "kind": "character",
        "image": picture(number, height, width),
        "prediction": "A",
        "confidence": 0.75,
        "model": "toy",
        "model_hash": "c0ffee",
    } | changes
