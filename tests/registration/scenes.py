"""An installation with every kind of agent, and where it is reached."""

from typing import Any

from kubeapprove.registration import Endpoint, render_registration
from kubeapprove.settings import Settings, read_settings

SETTINGS: Settings = read_settings(
    {
        "agents": [
            {"kind": "Group", "name": "ai-agents"},
            {"kind": "Group", "name": 'odd "group"\\ with\nmore, ünd 🤖'},
            {"kind": "User", "name": "robot@example.com"},
            {"kind": "ServiceAccount", "namespace": "ci", "name": "bot"},
            {"kind": "ServiceAccount", "namespace": "bots"},
            {"kind": "IAMRole", "name": "arn:aws:iam::111122223333:role/agent"},
        ]
    }
)
BY_URL = Endpoint(secret_path="s3cr3t", ca_bundle="Q0E=", url="https://gate.example.com:9443")
BY_SERVICE = Endpoint(
    secret_path="s3cr3t", ca_bundle="Q0E=", service_namespace="kubeapprove-system", service_name="kubeapprove-webhook"
)


def hooks(settings: Settings = SETTINGS, endpoint: Endpoint = BY_URL) -> dict[str, dict[str, Any]]:
    """Return the rendered webhooks by their names."""
    return {hook["name"]: hook for made in render_registration(settings, endpoint) for hook in made["webhooks"]}
