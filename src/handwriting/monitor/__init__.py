"""How a model does after it was deployed, from what the feedback store holds.

`watch(store)` gives a report by model version: error on corrected readings, calibration,
drift of the confidences, the course of both over time, and whether retraining is due.
"""

from handwriting.monitor.readings import Readings, collect
from handwriting.monitor.report import VersionReport, WatchReport, watch
from handwriting.monitor.verdict import Limits, Verdict

__all__ = [
    "Limits",
    "Readings",
    "Verdict",
    "VersionReport",
    "WatchReport",
    "collect",
    "watch",
]
