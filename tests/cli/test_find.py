"""NAME: a name, NAMESPACE/NAME, a hash, or an unambiguous beginning of either."""

from datetime import timedelta
from typing import Any

import pytest

from kubeapprove_cli import clock
from tests.cli import approvals
from tests.cli.conftest import FakeCluster, Run

LONG_AGO = timedelta(days=3)


def held() -> dict[str, dict[str, Any]]:
    now = clock.now()
    return {
        "web": approvals.approval(approvals.delete(), now, name="delete-deployments-web-abc"),
        "api": approvals.approval(approvals.delete(name="api"), now, name="delete-deployments-api-abc"),
        "old": approvals.approval(approvals.delete(name="old"), now - LONG_AGO, name="delete-deployments-api-old"),
        "short": approvals.approval(approvals.delete(name="s"), now, name="delete-deployments-api"),
        "far": approvals.approval(
            approvals.delete(namespace="far"), now, name="far-away", namespace="kubeapprove-approvals"
        ),
    }


def hash_of(name: str) -> str:
    return str(held()[name]["spec"]["manifestHash"])


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (["delete-deployments-web-abc"], "web"),
        (["delete-deployments-w"], "web"),
        (["shop/delete-deployments-web-abc", "-n", "other"], "web"),
        (["manifestapproval.kubeapprove.io/delete-deployments-web-abc"], "web"),
        ([hash_of("web")], "web"),
        ([hash_of("web")[:16]], "web"),
        ([hash_of("web").removeprefix("sha256:")], "web"),
        ([hash_of("web").removeprefix("sha256:")[:10]], "web"),
        (["delete-deployments-api"], "short"),
        (["delete-deployments-api", "-A"], "short"),
        (["delete-deployments-api-"], "api"),
        (["kubeapprove-approvals/far-"], "far"),
        (["far", "-A"], "far"),
        (["far", "--namespace", "kubeapprove-approvals"], "far"),
    ],
    ids=[
        "name",
        "beginning of a name",
        "with namespace",
        "with kind",
        "hash",
        "beginning of a hash",
        "hash without its prefix",
        "beginning of the digits",
        "a whole name that others begin with",
        "the same in all namespaces",
        "the only open one",
        "beginning in a namespace",
        "all namespaces",
        "another namespace",
    ],
)
def test_found(args: list[str], found: str, cluster: FakeCluster, run: Run) -> None:
    cluster.hold(*held().values())
    result = run("review", *args, "-o", "name")
    assert (result.out, result.err) == (f"manifestapproval.kubeapprove.io/{held()[found]['metadata']['name']}\n", "")


def test_several_fit(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(*held().values())
    result = run("review", "delete")
    assert result.code == 1
    first, *candidates = result.err.splitlines()
    assert first == 'error: "delete" fits 4 approvals; type more of it:'
    assert sorted(row.split()[:2] for row in candidates) == [
        ["shop/delete-deployments-api", "Pending"],
        ["shop/delete-deployments-api-abc", "Pending"],
        ["shop/delete-deployments-api-old", "Expired"],
        ["shop/delete-deployments-web-abc", "Pending"],
    ]


def test_many_fit(cluster: FakeCluster, run: Run) -> None:
    now = clock.now()
    cluster.hold(*(approvals.approval(approvals.delete(name=str(at)), now, name=f"a-{at}") for at in range(13)))
    assert run("review", "a-").err.splitlines()[-1] == "  and 3 more"


def test_none_fits(cluster: FakeCluster, run: Run) -> None:
    cluster.hold(*held().values())
    result = run("review", "nothing")
    assert result.code == 1
    assert result.err == (
        'error: no approval "nothing" in namespace shop: see `kubectl approve list -A --all`, '
        "or name its namespace with -n\n"
    )
    assert "in this cluster" in run("review", "nothing", "-A").err


@pytest.mark.parametrize(
    "text", ["", "UPPER", "../secrets", "a/b/c", "/a", "a?b", "sha256:", "sha256:xyz", "a\x1b[2J", "A/b", "-a%2f"]
)
def test_what_is_no_name_is_a_usage_error(text: str, cluster: FakeCluster, run: Run) -> None:
    result = run("review", "--", text)
    assert result.code == 2
    assert "\x1b" not in result.err
    assert cluster.calls == []
