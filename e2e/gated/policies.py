"""Policies of tests and stories, and the one that every gated control plane begins with."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

GROUP_OF_AGENTS: Final = "agents"


def policy(
    name: str, agents: Sequence[Mapping[str, Any]], rules: Sequence[Mapping[str, Any]] = (), **spec: Any
) -> dict[str, Any]:
    """Return an ApprovalPolicy."""
    return {
        "apiVersion": "kubeapprove.io/v1alpha1",
        "kind": "ApprovalPolicy",
        "metadata": {"name": name},
        "spec": {"agents": list(agents), **({"rules": list(rules)} if rules else {}), **spec},
    }


def group(name: str, **more: Any) -> dict[str, Any]:
    """Return a group as an agent."""
    return {"kind": "Group", "name": name, **more}


def rule(name: str, action: str = "RequireApproval", *, approval: Mapping[str, Any] | None = None, **match: Any) -> Any:
    """Return a rule; `message` and `when` stand beside the match."""
    beside = {key: match.pop(key) for key in ("message", "when") if key in match}
    terms = {} if approval is None else {"approval": dict(approval)}
    return {"name": name, "match": match, "action": action, **beside, **terms}


DEFAULT_POLICY: Final = policy("agents", [group(GROUP_OF_AGENTS)])
"""Whatever the group asks needs one approval by anyone who holds the verb."""


def as_list(policies: Sequence[Mapping[str, Any]]) -> str:
    """Return policies as one document for kubectl."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(policies)})
