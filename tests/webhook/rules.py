"""Policies of these tests, in few words: who is an agent is the group `agents`, unless told."""

from collections.abc import Mapping
from typing import Any

from e2e.gated.policies import group, policy
from tests.webhook.reviews import Object

EVERYTHING = {"operations": ["CREATE", "UPDATE", "DELETE"], "apiGroups": ["*"], "resources": ["*", "*/*"]}


def rule(name: str, action: str, match: Mapping[str, Any] | None = None, **more: Any) -> Object:
    """Return one rule. One that allows has to say what; unless told, everything."""
    default = EVERYTHING if action == "Allow" else {}
    return {"name": name, "action": action, "match": default if match is None else match, **more}


def under(name: str, *rules: Object, agents: str = "agents", **spec: Any) -> Object:
    """Return a policy with these rules for a group."""
    return policy(name, [group(agents)], rules, **spec)


def asks(name: str, *groups: str, agents: str = "agents", **terms: Any) -> Object:
    """Return a policy that asks people of these groups (of none: whoever holds the verb) about everything."""
    listed = {"approvers": [{"kind": "Group", "name": one} for one in groups]} if groups else {}
    return under(name, rule("all", "RequireApproval", approval=listed | terms), agents=agents)


ALLOWS = under("lax", rule("pass", "Allow"))
DENIES = under("strict", rule("stop", "Deny", message="freeze until Monday"))
