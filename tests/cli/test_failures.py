"""Every failure is one sentence on stderr that names the remedy, never a traceback."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kubeapprove_cli import refusal
from kubeapprove_cli.errors import ForbiddenError, KubectlError, NotFoundError, NotServedError, UnreachableError
from tests.cli import approvals
from tests.cli.conftest import COLLECTION, NOW, FakeCluster, Run

PROGRAM = [sys.executable, "-c", "from kubeapprove_cli.main import main; main()"]
LIST = f"GET {COLLECTION}/namespaces/shop/manifestapprovals?limit=200"

CASES: dict[str, tuple[str, type[Exception], str]] = {
    "no such approval": (
        'Error from server (NotFound): manifestapprovals.kubeapprove.io "x" not found\n',
        NotFoundError,
        'manifestapprovals.kubeapprove.io "x" not found',
    ),
    "not installed, reading": (
        "Error from server (NotFound): the server could not find the requested resource\n",
        NotServedError,
        "this cluster does not know ManifestApprovals: is kubeapprove installed here?",
    ),
    "not installed, writing": (
        'error: the server doesn\'t have a resource type "manifestapprovals" in group "v1alpha1.kubeapprove.io"\n',
        NotServedError,
        "this cluster does not know ManifestApprovals: is kubeapprove installed here?",
    ),
    "forbidden": (
        'Error from server (Forbidden): pods "x" is forbidden: User "carol" cannot get resource "pods"\n',
        ForbiddenError,
        'User "carol" cannot get resource "pods"; ask whoever runs the cluster for that right',
    ),
    "refused by the gate": (
        'Error from server (Forbidden): admission webhook "approvals.kubeapprove.io" denied the request: agents never\n',
        ForbiddenError,
        "agents never",
    ),
    "refused by the gate, with a reason of its own": (
        'Error from server (NotADecider): admission webhook "approvals.kubeapprove.io" denied the request: no\n',
        ForbiddenError,
        "no",
    ),
    "refused without a word": (
        'Error from server: admission webhook "x" denied the request without explanation\n',
        ForbiddenError,
        "the gate refused this without a reason",
    ),
    "the gate is away": (
        'Error from server (InternalError): failed calling webhook "stamp.kubeapprove.io": connection refused\n',
        UnreachableError,
        "the gate did not answer, so nothing was written",
    ),
    "the gate is not registered": (
        'The ManifestApproval "x" is invalid: \n* spec.decisions.d-1.by: Required value\n* <nil>: Invalid value\n',
        KubectlError,
        "nobody stamped this decision",
    ),
    "an acknowledgement that nobody stamped": (
        'The ManifestApproval "x" is invalid: \n* spec.acknowledgements.d-1.by: Required value\n',
        KubectlError,
        "nobody stamped this decision",
    ),
    "invalid otherwise": (
        'The ManifestApproval "x" is invalid: \n* spec.reason: Too long\n* spec: odd\n',
        KubectlError,
        'The ManifestApproval "x" is invalid: ; * spec.reason: Too long; * spec: odd',
    ),
    "no cluster": (
        (
            "E1124 06:00:00.1 1 memcache.go:265] Unhandled Error\n"
            "The connection to the server localhost:8080 was refused - did you specify the right host or port?\n"
        ),
        UnreachableError,
        "no kubeconfig says where the cluster is: set KUBECONFIG to one, or give --kubeconfig or --context",
    ),
    "cluster that is not there": (
        "The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?\n",
        UnreachableError,
        "was refused - did you specify the right host or port?; check it with `kubectl cluster-info`",
    ),
    "no route": (
        "Unable to connect to the server: dial tcp 10.0.0.1:443: i/o timeout\n",
        UnreachableError,
        "i/o timeout; check it",
    ),
    "no such context": (
        'error: context "zz" does not exist\n',
        KubectlError,
        'context "zz" does not exist; see `kubectl config get-contexts`',
    ),
    "not logged in": (
        "error: You must be logged in to the server (Unauthorized)\n",
        KubectlError,
        "the cluster does not accept these credentials",
    ),
    "nothing said": ("", KubectlError, "kubectl failed without a word; try the same with `kubectl get ma`"),
    "something else": ("first\nerror: strange thing\n", KubectlError, "strange thing"),
    "unknown form": ("what is this\nodd\n", KubectlError, "odd"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_kubectl_says(case: str) -> None:
    stderr, kind, sentence = CASES[case]
    error = refusal.error_of(stderr)
    assert type(error) is kind
    assert sentence in error.sentence


@pytest.mark.parametrize("case", [case for case in CASES if case != "no such approval"])
def test_one_sentence_on_stderr(case: str, cluster: FakeCluster, run: Run) -> None:
    stderr, _, sentence = CASES[case]
    cluster.answer(LIST, err=stderr, code=1)
    result = run("list")
    assert (result.code, result.out) == (1, "")
    assert result.err.splitlines()[-1].startswith("error: ")
    assert sentence in result.err
    assert "memcache.go" not in result.err


def test_what_a_login_plugin_says_appears(cluster: FakeCluster, run: Run) -> None:
    cluster.answer(LIST, out="{}", err="To sign in, open https://login.example \x1b[1m\n\n")
    assert "To sign in, open https://login.example \\u001b[1m\n" in run("list").err


def test_kubectl_is_not_there(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KUBECTL", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run("list").err == "error: kubectl is not in PATH: install it, or set KUBECTL to its path\n"
    monkeypatch.setenv("KUBECTL", str(tmp_path / "none"))
    assert "No such file or directory; $KUBECTL must name kubectl's binary" in run("list").err


@pytest.mark.parametrize("out", ["", "hello", "[]"])
def test_kubectl_is_something_else(out: str, cluster: FakeCluster, run: Run) -> None:
    cluster.answer(LIST, out=out)
    assert "kubectl did not answer with JSON" in run("list").err


def test_without_a_kubeconfig_the_namespace_is_the_pods_or_default(cluster: FakeCluster, run: Run) -> None:
    cluster.answers.clear()
    cluster.answer("CONFIG", err="error: current-context must exist in order to minify\n", code=1)
    cluster.answer(f"GET {COLLECTION}/namespaces/default/manifestapprovals?limit=200", out="{}")
    assert "in namespace default" in run("list").err


def test_a_kubeconfig_that_cannot_be_read(cluster: FakeCluster, run: Run) -> None:
    cluster.answers.clear()
    cluster.answer("CONFIG", err="error: error loading config file: yaml\n", code=1)
    assert run("list").err == "error: error loading config file: yaml\n"


def test_ctrl_c_is_quiet(cluster: FakeCluster) -> None:
    cluster.hold(approvals.approval(approvals.delete(), NOW, name="a", pendingUntil="2999-01-01T00:00:00.000000Z"))
    cluster.answer("WATCH", code="hang")
    with subprocess.Popen(
        [*PROGRAM, "wait", "a"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        deadline = time.monotonic() + 20
        while not any("watch=true" in call[-1] for call in cluster.calls) and time.monotonic() < deadline:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (130, b"", b"")


def test_a_reader_that_goes_away(cluster: FakeCluster) -> None:
    names = [{"metadata": {"name": f"n{at}", "namespace": "shop"}} for at in range(50)]
    cluster.hold(*names)
    with subprocess.Popen(
        [*PROGRAM, "list", "-A", "-o", "name"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
