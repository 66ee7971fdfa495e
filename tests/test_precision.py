"""In how many bits to train is seen from the processor."""

import builtins
import io

import pytest

from handwriting.precision import training_precision


@pytest.mark.parametrize(
    ("flags", "precision"),
    [
        ("fpu avx2 avx512f avx512_bf16", "mixed_bfloat16"),
        ("fpu amx_tile amx_bf16", "mixed_bfloat16"),
        ("fpu avx2 fma", "float32"),  # would emulate 16 bits, several times slower
    ],
)
def test_16_bits_where_the_processor_has_them(monkeypatch, flags, precision):
    info = f"processor\t: 0\nflags\t\t: {flags}\n"
    monkeypatch.setattr(builtins, "open", lambda *_, **__: io.StringIO(info))
    assert training_precision() == precision


def test_32_bits_where_the_system_does_not_say(monkeypatch):
    def missing(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr(builtins, "open", missing)
    assert training_precision() == "float32"


def test_what_an_experiment_says_counts():
    assert training_precision("mixed_bfloat16") == "mixed_bfloat16"
    assert training_precision("float32") == "float32"
