"""What Prometheus sees of the operator."""

from prometheus_client import Counter, Gauge

from kubeapprove_server.metrics import REGISTRY

TRANSITIONS = Counter(
    "kubeapprove_transitions_total", "Phases of approvals that the operator wrote.", ["phase"], registry=REGISTRY
)
RETIRED = Counter(
    "kubeapprove_retired_total", "Finished approvals that were deleted after their time.", registry=REGISTRY
)
RETRIES = Counter(
    "kubeapprove_operator_retries_total", "Approvals that had to be looked at again after an error.", registry=REGISTRY
)
REPAIRS = Counter(
    "kubeapprove_registration_repairs_total",
    "Times that the webhook registration was not as it should be.",
    registry=REGISTRY,
)
REGISTRATION_SEEN = Gauge(
    "kubeapprove_registration_seen_timestamp_seconds",
    "When the webhook registration was last seen to be as it should be.",
    registry=REGISTRY,
)
