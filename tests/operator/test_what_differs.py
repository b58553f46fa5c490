"""Whoever reads that the registration was written can tell a change of their own from somebody else's."""

from collections.abc import Callable
from typing import Any

import pytest

from kubeapprove.identity import Agent, AgentKind
from kubeapprove.registration import Endpoint, render_registration
from kubeapprove.settings import Settings
from kubeapprove_operator.differences import what_differs

Hooks = list[dict[str, Any]]
SECRET = "s3cr3t" * 6


def rendered(
    ca: str = "Q0E=", url: str = "https://gate.example.com", service: str = "", agent: str = "agents"
) -> Hooks:
    """Return the webhooks of both configurations."""
    agents = [Agent(AgentKind.GROUP, agent)]
    endpoint = Endpoint(SECRET, ca, url=url, service_namespace="kubeapprove-system", service_name=service)
    return [hook for item in render_registration(Settings(), agents, endpoint) for hook in item["webhooks"]]


def edited(edit: Callable[[Hooks], Any]) -> Hooks:
    """Return them as somebody else left them."""
    hooks = rendered()
    edit(hooks)
    return hooks


FOUND: dict[str, tuple[Hooks, str]] = {
    "another CA": (rendered(ca="QUM="), "caBundle"),
    "another URL": (rendered(url="https://other.example.com"), "url or service"),
    "a Service": (rendered(url="", service="gate"), "url or service"),
    "CA and URL": (rendered(ca="QUM=", url="https://other"), "caBundle, url or service"),
    "another agent": (rendered(agent="others"), "which agents are matched"),
    "no address": (edited(lambda hooks: hooks[0].pop("clientConfig")), "caBundle, url or service"),
    "fails open": (edited(lambda hooks: hooks[0].update(failurePolicy="Ignore")), "failurePolicy"),
    "fewer rules": (edited(lambda hooks: hooks[0].update(rules=[])), "rules"),
    "a condition more": (
        edited(lambda hooks: hooks[0]["matchConditions"].append({"name": "never", "expression": "false"})),
        "matchConditions",
    ),
    "no conditions": (edited(lambda hooks: hooks[0].pop("matchConditions")), "matchConditions"),
    "the agents' condition gone": (edited(lambda hooks: hooks[0]["matchConditions"].pop(0)), "matchConditions"),
    "a field more": (edited(lambda hooks: hooks[1].update(objectSelector={"a": "b"})), "objectSelector"),
    "one gone": (edited(lambda hooks: hooks.pop()), "which webhooks there are"),
    "none": ([], "which webhooks there are"),
    "one more": (edited(lambda hooks: hooks.append(hooks[0] | {"name": "other"})), "which webhooks there are"),
    "another order": (edited(lambda hooks: hooks.reverse()), "the order of the webhooks"),
}


@pytest.mark.parametrize("scenario", FOUND)
def test_named(scenario: str) -> None:
    found, what = FOUND[scenario]
    assert what_differs(found, rendered()) == what
    assert SECRET not in what
