"""What Prometheus sees of the gate. Labels come from closed lists: no name, no user, no value."""

from prometheus_client import Counter, Gauge, Histogram

from kubeapprove_server.metrics import REGISTRY, SECONDS

VERDICTS = Counter(
    "kubeapprove_verdicts_total", "Answers to the API server.", ["webhook", "verdict", "reason"], registry=REGISTRY
)
VERDICT_SECONDS = Histogram(
    "kubeapprove_verdict_seconds",
    "Seconds from the first byte of a request to its answer.",
    ["webhook"],
    buckets=SECONDS,
    registry=REGISTRY,
)
WAITING_LISTED = Gauge(
    "kubeapprove_waiting_listed_timestamp_seconds",
    "When the requests that wait were last counted; an unknown count bounds nobody.",
    registry=REGISTRY,
)
