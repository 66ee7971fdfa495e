"""What a Prometheus server reads of a serving process."""

import threading

from prometheus_client.parser import text_string_to_metric_families

from handwriting.errors import UserError
from handwriting.feedback.metrics import ServingMetrics


def values(metrics: ServingMetrics) -> dict:
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
    }


def test_requests_errors_times_confidences_and_corrections():
    metrics = ServingMetrics()
    metrics.observe_request("character", 0.03, confidence=0.97)
    metrics.observe_request("character", 0.2, confidence=float("nan"))
    metrics.observe_request("page", 40.0, error=UserError("no such page"))
    for changed in (True, True, False):
        metrics.observe_correction(changed)
    found = values(metrics)
    assert found["handwriting_requests_total", "character"] == 2
    assert found["handwriting_errors_total", "UserError", "page"] == 1
    assert found["handwriting_request_seconds_bucket", "0.05", "character"] == 1
    assert found["handwriting_request_seconds_bucket", "0.25", "character"] == 2
    assert found["handwriting_request_seconds_sum", "page"] == 40
    assert found["handwriting_confidence_count", "character"] == 1
    assert found["handwriting_confidence_bucket", "0.95", "character"] == 0
    assert found["handwriting_confidence_bucket", "0.98", "character"] == 1
    assert found["handwriting_corrections_total", "yes"] == 2
    assert found["handwriting_corrections_total", "no"] == 1


def test_messages_and_strange_kinds_make_no_series_of_their_own():
    metrics = ServingMetrics()
    for number in range(50):
        metrics.observe_request(f"kind {number}", 0.1, error=f"upload-{number}.png: no picture")
    errors = [key for key in values(metrics) if key[0] == "handwriting_errors_total"]
    assert errors == [("handwriting_errors_total", "other", "other")]


def test_two_of_them_do_not_share_their_numbers():
    one, other = ServingMetrics(), ServingMetrics()
    one.observe_request("line", 1.0)
    assert ("handwriting_requests_total", "line") not in values(other)


def test_threads_lose_no_count():
    metrics = ServingMetrics()

    def work():
        for _ in range(500):
            metrics.observe_request("line", 0.1, confidence=0.5)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert values(metrics)["handwriting_requests_total", "line"] == 2000
