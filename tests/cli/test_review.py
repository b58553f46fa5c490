"""What an approver reads, whole: the files under golden/. `UPDATE_GOLDEN=1` writes them anew."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kubeapprove.change import build_change
from kubeapprove.hidden import Hiding
from kubeapprove.request import read_request
from kubeapprove_cli import live, review
from kubeapprove_cli.kube import Flags, Kubectl
from kubeapprove_cli.lines import Line
from kubeapprove_cli.state import state_of
from tests.cli import approvals
from tests.cli.conftest import NOW, FakeCluster

GOLDEN = Path(__file__).parent / "golden"
REVIEWS = Path(__file__).parents[1] / "assets" / "reviews"


def recorded(number: str) -> dict[str, Any]:
    """Return the change of a recorded request."""
    (path,) = REVIEWS.glob(f"{number}-*.json")
    return build_change(read_request(json.loads(path.read_text())), cluster="c0ffee", hiding=Hiding(b"k" * 32)).document


WIDGET = {
    "apiVersion": "example.io/v1",
    "kind": "Widget",
    "metadata": {"name": "w", "namespace": "shop", "labels": {"app.kubernetes.io/name": "w"}},
    "spec": {"big": None, "script": "set -e\nrun it\n", "token": None, "version": "1.10", "on": "yes", "gone": None},
}
WIDGETS = {"group": "example.io", "version": "v1", "resource": "widgets"}
REPLACED = [
    {"path": "/object/spec/big", "as": "integer", "digits": "9007199254740993"},
    {"path": "/object/spec/token", "as": "secret", "mac": "3f2a91c0d4e5f607" * 4, "length": 12},
]
CUT = {"path": "/fields/0/to", "as": "text", "sha256": "ab" * 32, "length": 200000, "head": "first line\nsecond"}

CASES: dict[str, dict[str, Any]] = {
    "deployment-created": approvals.approval(recorded("009"), NOW, reason="the shop needs a web server"),
    "pod-created": approvals.approval(recorded("003"), NOW),
    "custom-resource-created": approvals.approval(
        approvals.create(WIDGET, resource=WIDGETS, name="w", replaced=REPLACED), NOW
    ),
    "deployment-updated": approvals.approval(
        approvals.update(
            {"path": ["spec", "replicas"], "from": 2, "to": 3},
            {
                "path": ["spec", "template", "spec", "containers", {"name": "web"}, "image"],
                "from": "registry.example/web:1.4",
                "to": "registry.example/web:1.5",
            },
            {"path": ["metadata", "labels", "a.b/c"], "from": "old"},
            {"path": ["metadata", "annotations", "conf"], "from": "a\nb\nc\n", "to": "a\nB\nc\nd\n"},
            {"path": ["spec", "template", "spec", "containers"], "order": ["side", "web"]},
            ownership=[
                {"manager": "argocd", "operation": "Apply", "subresource": "", "paths": [["f:spec", "f:paused"]]}
            ],
        ),
        NOW,
        previous={
            "uid": "u",
            "outcome": "Denied",
            "by": ["bob"],
            "at": "2026-01-30T09:00:00.000000Z",
            "reason": "not on a Friday",
        },
    ),
    "ownership-only": approvals.approval(
        approvals.update(
            ownership=[{"manager": "flux", "operation": "Apply", "subresource": "", "paths": [["f:spec"]]}]
        ),
        NOW,
    ),
    "cut-text": approvals.approval(
        approvals.update({"path": ["data", "big"], "from": "small", "to": None}, replaced=[CUT]), NOW
    ),
    "delete": approvals.approval(approvals.delete(options={"propagationPolicy": "Orphan"}), NOW),
    "exec": approvals.approval(approvals.execute("sh", "-c", "echo 'hi there' > /tmp/x", container="web"), NOW),
    "exec-script": approvals.approval(
        approvals.execute("sh", "-c", "set -e\nrm -rf /data\n", tty=True, stdin=True), NOW
    ),
    "exec-invisible": approvals.approval(approvals.execute("echo", "a b", "\x1b[2J", "$HOME", odd="x"), NOW),
    "port-forward": approvals.approval(
        {**approvals.execute(), "subresource": "portforward", "options": {"ports": [80]}}, NOW
    ),
    "approved": approvals.approval(
        approvals.delete(),
        NOW,
        decisions={
            "a": approvals.decision(at=NOW - timedelta(minutes=1)),
            "b": approvals.decision(at=NOW, **{"for": "another uid"}),
            "c": approvals.decision(at=NOW, reason="", by={"username": "bob"}, breakGlass=True),
        },
    ),
    "used": approvals.approval(
        approvals.delete(),
        NOW,
        decisions={"a": approvals.decision(at=NOW - timedelta(minutes=2), signature="-----BEGIN")},
        status={"claim": {"requestUID": "r-1", "at": "2026-01-31T08:59:00.000000Z", "objectVersion": "7"}},
    ),
    "revoked": approvals.approval(
        approvals.delete(),
        NOW,
        revoked={"by": {"username": "bob"}, "at": "2026-01-31T08:59:00.000000Z", "reason": "wrong cluster"},
    ),
    "expired": approvals.approval(
        approvals.delete(), NOW, pendingUntil="2026-01-31T08:59:00.000000Z", metadata={"creationTimestamp": None}
    ),
    "quorum": approvals.approval(
        approvals.update({"path": ["spec", "replicas"], "from": 2, "to": 3}),
        NOW,
        decisions={"a": approvals.decision(at=NOW - timedelta(minutes=1), groups=["sre"])},
        status={
            "requirements": [
                approvals.requirement("production", "two", 2, "sre"),
                approvals.requirement("watch", "", 1),
            ]
        },
    ),
    "owed-from-before": approvals.approval(
        approvals.delete(),
        NOW - timedelta(days=2),
        previous={"uid": "u-0", "outcome": "Consumed", "owed": [approvals.owed(at=NOW - timedelta(days=3))]},
        acknowledgements={
            "own": {
                "by": {"username": "bob"},
                "at": "2026-01-31T08:59:00.000000Z",
                "reason": "fine by me",
            }
        },
    ),
    "hash-is-not-true": approvals.approval(approvals.delete(), NOW, manifestHash="sha256:" + "0" * 64),
    "not-an-approval": {"metadata": {"name": "odd", "namespace": "shop", "uid": "u"}, "spec": {"unknown": "\x1b"}},
}


def golden(name: str, lines: list[Line]) -> None:
    text = "".join(one.text + "\n" for one in lines)
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("name", CASES)
def test_what_an_approver_reads(name: str) -> None:
    approval = state_of(CASES[name], NOW)
    lines = [*review.header(approval, NOW), Line(), *review.body(approval), Line(), *review.footer(approval, "prod")]
    golden(name, lines)


SECRET = {"group": "", "version": "v1", "resource": "secrets"}
LIVE = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {
        "name": "web",
        "uid": "d-1",
        "managedFields": [{}],
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "PLANTED", "other": "shown"},
    },
    "data": {"key": "PLANTED"},
    "stringData": [],
}


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("live-object", {"out": json.dumps({**LIVE, "metadata": {"name": "web", "uid": "d-1"}, "data": {}})}),
        ("live-secret", {"out": json.dumps(LIVE)}),
        ("live-other-object", {"out": json.dumps({**LIVE, "metadata": {"name": "web", "uid": "d-2"}})}),
        ("live-forbidden", {"err": 'Error from server (Forbidden): secrets "web" is forbidden', "code": 1}),
        ("live-gone", {"err": 'Error from server (NotFound): secrets "web" not found', "code": 1}),
        ("live-failed", {"err": "Error from server (InternalError): \x1b oops", "code": 1}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_object_that_a_delete_would_delete(name: str, answer: dict[str, Any], cluster: FakeCluster) -> None:
    cluster.answer("GET /api/v1/namespaces/shop/secrets/web", **answer)
    approval = state_of(approvals.approval(approvals.delete(resource=SECRET), NOW), NOW)
    assert approval.document is not None
    lines = live.object_now(Kubectl(Flags()), approval.document)
    golden(name, lines)
    assert "PLANTED" not in "".join(one.text for one in lines)
