"""What Prometheus sees of every server of ours. Labels come from closed lists: no name, no user, no value."""

from prometheus_client import CollectorRegistry, Gauge, Histogram

REGISTRY = CollectorRegistry()
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

API_SECONDS = Histogram(
    "kubeapprove_api_seconds",
    "Seconds that our own calls to the API server took.",
    ["call"],
    buckets=SECONDS,
    registry=REGISTRY,
)
CERTIFICATE_EXPIRY = Gauge(
    "kubeapprove_certificate_expiry_seconds",
    "Until a certificate ends, by what it is; renewed when a third of its life is left.",
    ["certificate"],
    registry=REGISTRY,
)
