"""What Prometheus sees. Labels come from closed lists: no name, no user, no value."""

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

VERDICTS = Counter(
    "kubeapprove_verdicts_total", "Answers to the API server.", ["webhook", "verdict", "reason"], registry=REGISTRY
)
VERDICT_SECONDS = Histogram(
    "kubeapprove_verdict_seconds",
    "Seconds from the first byte of a request to its answer.",
    ["webhook"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
API_SECONDS = Histogram(
    "kubeapprove_api_seconds",
    "Seconds that our own calls to the API server took.",
    ["call"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
