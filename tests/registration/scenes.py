"""An installation with every kind of agent, and where it is reached."""

from collections.abc import Iterable
from typing import Any

from kubeapprove.identity import Agent, AgentKind
from kubeapprove.registration import Endpoint, render_registration
from kubeapprove.settings import Settings, read_settings

SETTINGS: Settings = read_settings(None)
AGENTS = (
    Agent(AgentKind.GROUP, "ai-agents"),
    Agent(AgentKind.GROUP, 'odd "group"\\ with\nmore, ünd 🤖'),
    Agent(AgentKind.USER, "robot@example.com"),
    Agent(AgentKind.SERVICE_ACCOUNT, "bot", "ci"),
    Agent(AgentKind.SERVICE_ACCOUNT, "", "bots"),
    Agent(AgentKind.IAM_ROLE, "arn:aws:iam::111122223333:role/agent"),
)
BY_URL = Endpoint(secret_path="s3cr3t", ca_bundle="Q0E=", url="https://gate.example.com:9443")
BY_SERVICE = Endpoint(
    secret_path="s3cr3t", ca_bundle="Q0E=", service_namespace="kubeapprove-system", service_name="kubeapprove-webhook"
)


def hooks(agents: Iterable[Agent] = AGENTS, endpoint: Endpoint = BY_URL) -> dict[str, dict[str, Any]]:
    """Return the rendered webhooks by their names."""
    return {hook["name"]: hook for made in render_registration(SETTINGS, agents, endpoint) for hook in made["webhooks"]}
