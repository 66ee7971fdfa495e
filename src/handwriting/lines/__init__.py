"""Handwritten lines: data, synthesis, networks with CTC, decoding, metrics."""
