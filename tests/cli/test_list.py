"""`list`: what is open, from the rules and never from what status.phase says."""

import json
from datetime import timedelta
from typing import Any

import pytest
import yaml

from kubeapprove_cli import clock
from tests.cli import approvals
from tests.cli.conftest import COLLECTION, FakeCluster, Run

HEAD = ["NAMESPACE", "NAME", "PHASE"]


def some() -> list[dict[str, Any]]:
    """Return an approval in every phase, all written to look Pending."""
    now = clock.now()
    status: dict[str, Any] = {"phase": "Pending"}
    claim = {"requestUID": "r", "at": "2026-01-31T08:59:00.000000Z", "objectVersion": ""}
    yes = {"a": approvals.decision(at=now - timedelta(minutes=1))}
    no = {"a": approvals.decision("Denied", at=now - timedelta(minutes=1))}
    return [
        approvals.approval(approvals.delete(), now, name="pending", status={"phase": "Approved"}),
        approvals.approval(approvals.delete(), now, name="approved", decisions=yes, status=status, reason="why not"),
        approvals.approval(approvals.delete(), now, name="denied", decisions=no, status=status),
        approvals.approval(approvals.delete(), now - timedelta(days=2), name="expired", status=status),
        approvals.approval(approvals.delete(), now, name="used", decisions=yes, status={**status, "claim": claim}),
        approvals.approval(
            approvals.delete(), now, name="going", metadata={"deletionTimestamp": "2026-01-31T08:59:00Z"}
        ),
        approvals.approval(approvals.delete(), now, name="untrue", manifestHash="sha256:" + "0" * 64, status=status),
        {"metadata": {"name": "odd", "namespace": "shop", "uid": "u"}, "spec": {"later": True}},
    ]


def phases(out: str) -> dict[str, str]:
    rows = [row.split() for row in out.splitlines()]
    assert rows[0][:3] == HEAD
    return {row[1]: row[2] for row in rows[1:]}


def test_what_is_open(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(*some())
    result = run("list")
    assert result.code == 0
    assert phases(result.out) == {"pending": "Pending", "approved": "Approved", "untrue": "Invalid", "odd": "Invalid"}


def test_all_of_them(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(*some())
    shown = phases(run("list", "--all").out)
    assert (shown["denied"], shown["expired"], shown["used"], shown["going"]) == (
        "Denied",
        "Expired",
        "Consumed",
        "Revoked",
    )


def test_columns_are_aligned_and_whole(cluster: FakeCluster, run: Run) -> None:
    now = clock.now()
    wide = approvals.approval(approvals.create({}, name="字" * 40), now, name="wide-" + "n" * 58)
    cluster.hold(wide, approvals.approval(approvals.execute("id"), now, name="b", metadata={"uid": "2"}))
    rows = run("list", "-o", "wide").out.splitlines()
    assert rows[0].split()[-3:] == ["HASH", "REQUIREMENTS", "REASON"]
    assert "字" * 40 in rows[2]
    assert "n" * 58 in rows[2]
    assert rows[0].index("PHASE") == rows[1].index("Pending") == rows[2].index("Pending")


@pytest.mark.parametrize("args", [("-A",), ("--all-namespaces",)], ids=["short", "long"])
def test_all_namespaces(args: tuple[str, ...], cluster: FakeCluster, run: Run) -> None:
    cluster.hold(*some(), approvals.approval(approvals.delete(), clock.now(), name="far", namespace="elsewhere"))
    assert "far" in phases(run("list", *args).out)
    assert cluster.calls == [["get", "--raw", f"{COLLECTION}/manifestapprovals?limit=200"]]


def test_nothing_to_list(cluster: FakeCluster, run: Run) -> None:
    cluster.answer(f"GET {COLLECTION}/namespaces/shop/manifestapprovals?limit=200", out='{"items": null}')
    cluster.answer(f"GET {COLLECTION}/manifestapprovals?limit=200", out='{"items": []}')
    assert run("list").err == "Nothing waits for a decision in namespace shop. Finished ones: --all\n"
    assert run("list", "-A", "--all").err == "There are no approvals in this cluster.\n"


def test_pages(cluster: FakeCluster, run: Run) -> None:
    first, second = some()[:2]
    path = f"GET {COLLECTION}/manifestapprovals?limit=200"
    cluster.answer(path, out=json.dumps({"items": [first], "metadata": {"continue": "TOKEN"}}))
    cluster.answer(f"{path}&continue=TOKEN", out=json.dumps({"items": [second], "metadata": {"continue": ""}}))
    assert phases(run("list", "-A").out).keys() == {"pending", "approved"}


@pytest.mark.parametrize(("format_", "read"), [("json", json.loads), ("yaml", yaml.safe_load)], ids=["json", "yaml"])
def test_as_data(format_: str, read: Any, cluster: FakeCluster, run: Run) -> None:
    held = some()
    cluster.hold(*held[:3])
    found = read(run("list", "-o", format_).out)
    standings = [item.pop("standing") for item in found["items"]]
    assert (found["kind"], found["items"]) == ("List", held[:2])
    assert [one["phase"] for one in standings] == ["Pending", "Approved"]


def test_yaml_shows_the_change_as_a_block(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(some()[0])
    assert 'change: |-\n      {\n        "cluster"' in run("list", "-o", "yaml").out


def test_names(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(*some()[:2])
    assert run("list", "-o", "name").out.splitlines() == [
        "manifestapproval.kubeapprove.io/pending",
        "manifestapproval.kubeapprove.io/approved",
    ]
