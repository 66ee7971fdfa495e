"""Read pages with rapidocr, in an environment that has it: paths on stdin, JSON on stdout.

For each path a line {"file", "seconds", "lines": [{"text", "box"}]}, the box as four corners.
Used by `benchmarks/pages.py`; not part of the program.
"""

import json
import sys
import time

from rapidocr import RapidOCR

engine = RapidOCR()
for path in map(str.strip, sys.stdin):
    started = time.perf_counter()
    found = engine(path)
    seconds = time.perf_counter() - started
    boxes = [] if found.boxes is None else [box.tolist() for box in found.boxes]
    lines = [{"text": text, "box": box} for text, box in zip(found.txts or (), boxes, strict=True)]
    print("@" + json.dumps({"file": path, "seconds": seconds, "lines": lines}), flush=True)
