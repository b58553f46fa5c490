"""Policies and manifests as files, for the tests of `policy test`."""

import json
from pathlib import Path
from typing import Any

AGENTS = [{"kind": "Group", "name": "agents"}]
SRE = {"approvers": [{"kind": "Group", "name": "sre"}], "count": 2}


def policy(name: str, *rules: dict[str, Any], agents: Any = AGENTS, **spec: Any) -> dict[str, Any]:
    """Return an ApprovalPolicy."""
    return {
        "apiVersion": "kubeapprove.io/v1alpha1",
        "kind": "ApprovalPolicy",
        "metadata": {"name": name},
        "spec": {"agents": agents, "rules": list(rules), **spec},
    }


def rule(name: str, action: str, **more: Any) -> dict[str, Any]:
    """Return a rule; `when`, `approval` and `message` are its own, what else is given is its match."""
    own: dict[str, Any] = {key: more.pop(key) for key in ("when", "approval", "message") if key in more}
    return {"name": name, "action": action, "match": more, **own}


def obj(kind: str, name: str, api_version: str = "v1", namespace: str = "", **more: Any) -> dict[str, Any]:
    """Return an object."""
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **more}


def deployment(replicas: int = 2, **more: Any) -> dict[str, Any]:
    """Return the Deployment `web` in `shop`."""
    return obj("Deployment", "web", "apps/v1", "shop", spec={"replicas": replicas}, **more)


PRODUCTION = policy(
    "production",
    rule("no-rbac", "Deny", apiGroups=["rbac.authorization.k8s.io"], message="ask the platform team"),
    rule(
        "small",
        "Allow",
        operations=["UPDATE"],
        apiGroups=["apps"],
        resources=["deployments"],
        when="object.spec.replicas <= 5",
    ),
    rule("two", "RequireApproval", namespaces=["shop"], approval=SRE),
)


def written(folder: Path, name: str, *objects: dict[str, Any]) -> str:
    """Write objects as documents of a YAML file (JSON is YAML); return its path."""
    path = folder / f"{name}.yaml"
    path.write_text("---\n".join(json.dumps(one) + "\n" for one in objects))
    return str(path)
