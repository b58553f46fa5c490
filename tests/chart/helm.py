"""The chart as Helm renders it."""

import json
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from e2e.cluster.gobuild import program_path

CHART: Final = Path(__file__).parents[2] / "charts" / "kubeapprove"
LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
SYSTEM: Final = "kubeapprove-system"
EVERYTHING: Final[Mapping[str, Any]] = {
    "agents": [
        {"kind": "Group", "name": "ai-agents"},
        {"kind": "User", "name": "agent:one", "owner": "alice@example.com"},
        {"kind": "ServiceAccount", "namespace": "ai", "name": "deployer"},
        {"kind": "ServiceAccount", "namespace": "bots", "until": "2031-01-31T20:00:00Z"},
        {"kind": "IAMRole", "name": "arn:aws:iam::111122223333:role/ai-agent"},
    ],
    "approvers": [{"kind": "Group", "name": "platform-engineers"}, {"kind": "User", "name": "alice@example.com"}],
    "settings": {"maxPending": 5, "hiddenPointers": ["/spec/users/*/secret"]},
    "imagePullSecrets": [{"name": "registry"}],
    "image": {"digest": f"sha256:{'0' * 64}"},
    "webhook": {
        "podLabels": {"team": "a"},
        "podAnnotations": {"b": "c"},
        "nodeSelector": {"kubernetes.io/os": "linux"},
    },
    "operator": {"tolerations": [{"operator": "Exists"}], "podLabels": {"team": "a"}},
    "networkPolicy": {"apiServerCIDRs": ["10.0.0.0/24"], "monitoringNamespaceSelector": {"matchLabels": {"a": "b"}}},
    "admissionPolicies": {"enabled": True},
    "monitoring": {"dashboard": True},
}
"""Values that turn on whatever needs no other program's custom resources."""


def run(command: str, values: Mapping[str, Any], namespace: str = SYSTEM) -> subprocess.CompletedProcess[str]:
    """Run Helm on the chart with values of a test; a missing Helm says what to do."""
    program = program_path("helm")
    assert program.exists(), f"{program} is missing: run `make helm`, which builds it once"
    arguments = [] if command == "lint" else ["kubeapprove"]
    named = {**values, "image": {"repository": "kubeapprove", **values.get("image", {})}}  # it has to be named
    return subprocess.run(
        [program, command, *arguments, CHART, f"--namespace={namespace}", "--values=-"],
        input=json.dumps(named),
        capture_output=True,
        text=True,
        check=False,
    )


def render(values: Mapping[str, Any] | None = None, namespace: str = SYSTEM) -> list[dict[str, Any]]:
    """Return the objects that the chart makes, hooks and tests included."""
    return [document for document in yaml.load_all(_rendered(json.dumps(values or {}), namespace), LOADER) if document]


@cache
def _rendered(values: str, namespace: str) -> str:
    done = run("template", json.loads(values), namespace)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refusal(values: Mapping[str, Any]) -> str:
    """Return what Helm says of values that must not be taken."""
    done = run("template", values)
    assert done.returncode != 0, "these values were taken"
    return done.stderr


def only(objects: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    """Return the one object of that kind and name."""
    (found,) = [one for one in objects if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found


def pod_templates(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what Pods the chart makes, by the name of what makes them: metadata and spec."""
    templates = {
        one["metadata"]["name"]: one["spec"]["template"] for one in objects if one["kind"] in {"Deployment", "Job"}
    }
    return templates | {one["metadata"]["name"]: one for one in objects if one["kind"] == "Pod"}
