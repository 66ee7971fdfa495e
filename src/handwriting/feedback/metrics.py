"""Prometheus metrics of a serving process: what is asked, how long it takes, how sure it is."""

import re

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST
# From one character (milliseconds) to a book of pages (minutes).
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
CONFIDENCES = (0.2, 0.4, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
OTHER = "other"


class ServingMetrics:
    """Counters and histograms in a registry of their own; safe to use from several threads."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self._requests = Counter(
            "handwriting_requests", "Requests, also failed ones", ["kind"], registry=registry
        )
        self._errors = Counter(
            "handwriting_errors", "Failed requests", ["kind", "error"], registry=registry
        )
        self._seconds = Histogram(
            "handwriting_request_seconds",
            "Time to answer a request",
            ["kind"],
            buckets=SECONDS,
            registry=registry,
        )
        self._confidence = Histogram(
            "handwriting_confidence",
            "Confidence of a reading",
            ["kind"],
            buckets=CONFIDENCES,
            registry=registry,
        )
        self._corrections = Counter(
            "handwriting_corrections",
            "Corrections by people, and whether they changed the text",
            ["changed"],
            registry=registry,
        )

    def observe_request(
        self,
        kind: str,
        seconds: float,
        confidence: float | None = None,
        error: Exception | str | None = None,
    ) -> None:
        """Count one request.

        Args:
            kind: `character`, `line`, `page` or another short name.
            confidence: 0 … 1; None and NaN are not counted.
            error: what went wrong, as an exception or a short name. Anything longer counts as
                `other`: messages would make a new series each.
        """
        kind = _label(kind)
        self._requests.labels(kind).inc()
        self._seconds.labels(kind).observe(seconds)
        if error is not None:
            name = type(error).__name__ if isinstance(error, BaseException) else error
            self._errors.labels(kind, _label(name)).inc()
        if confidence is not None and confidence == confidence:
            self._confidence.labels(kind).observe(confidence)

    def observe_correction(self, changed: bool) -> None:
        """Count one correction; `changed` is False where a reading was confirmed."""
        self._corrections.labels("yes" if changed else "no").inc()

    def text(self) -> bytes:
        """All of it in Prometheus' text format; serve it as `CONTENT_TYPE`."""
        return generate_latest(self.registry)


def _label(name: str) -> str:
    return name if _NAME.fullmatch(name) else OTHER
