"""`kubeapprove-webhook register` renders the registration and hands it to kubectl."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.gated.policies import DEFAULT_POLICY, group, policy
from tests.webhook.keymaterial import PATH, PATH_SECRET
from tests.webhook.process import Files, run, run_here
from tests.webhook.reviews import Object
from tests.webhook.test_startup_errors import refused

_KUBECTL = """#!/bin/sh
echo "$@" >> {folder}/calls
case "$1" in
  get) cat {folder}/$2.json ;;
  apply) cat > {folder}/applied.json; echo applied ;;
esac
"""


@pytest.fixture
def kubectl(files: Files) -> Path:
    """A kubectl that notes what it is asked."""
    path = files.folder / "kubectl"
    path.write_text(_KUBECTL.format(folder=files.folder))
    path.chmod(0o755)
    (files.folder / "secret.json").write_text(json.dumps(PATH_SECRET))
    has_policies(files, DEFAULT_POLICY)
    return path


def has_policies(files: Files, *policies: Object) -> None:
    """Say what kubectl finds."""
    found = {"apiVersion": "v1", "kind": "List", "items": policies}
    (files.folder / "approvalpolicies.kubeapprove.io.json").write_text(json.dumps(found))


def register(files: Files, kubectl: str | Path, *arguments: str) -> Any:
    """Run the command with this kubectl."""
    ca = f"--ca-file={files.ca_file}"
    return run_here("register", ca, *arguments, settings=files.settings, KUBECTL=str(kubectl))


def test_a_process_of_its_own(files: Files, kubectl: Path) -> None:
    arguments = (f"--ca-file={files.ca_file}", "--url=https://127.0.0.1:9443")
    done = run("register", *arguments, settings=files.settings, KUBECTL=str(kubectl))
    assert (done.returncode, done.stdout) == (0, "applied\n")
    assert json.loads((files.folder / "applied.json").read_text())["items"]
    missing = run("register", *arguments, settings=files.settings, KUBECTL=str(files.folder / "absent"))
    assert "kubectl cannot be run" in refused(missing)


def test_applies_one_list(files: Files, kubectl: Path) -> None:
    done = register(files, kubectl, "--url=https://127.0.0.1:9443")
    assert (done.returncode, done.stdout) == (0, "applied\n")
    items = json.loads((files.folder / "applied.json").read_text())["items"]
    hooks = [hook for item in items for hook in item["webhooks"]]
    assert [hook["name"] for hook in hooks] == [
        "changes.kubeapprove.io",
        "approvals.kubeapprove.io",
        "stamp.kubeapprove.io",
    ]
    assert hooks[0]["clientConfig"]["url"] == f"https://127.0.0.1:9443/{PATH}/changes"
    assert base64.b64decode(hooks[0]["clientConfig"]["caBundle"]) == files.ca_file.read_bytes()
    secret, policies, apply = (files.folder / "calls").read_text().splitlines()
    assert secret == "get secret kubeapprove-webhook-path -n kubeapprove-system -o json"
    assert policies == "get approvalpolicies.kubeapprove.io -o json"
    assert apply == "apply --server-side --force-conflicts --field-manager=kubeapprove -f -"


def agents_of(output: str) -> str:
    """Return the expression that says whose changes are gated."""
    validating, _ = yaml.safe_load_all(output)
    conditions = {
        condition["name"]: condition["expression"] for condition in validating["webhooks"][0]["matchConditions"]
    }
    return str(conditions["agents"])


def test_agents_are_those_of_the_policies(files: Files, kubectl: Path) -> None:
    """Also of one that is invalid: it denies what its agents ask, and they have to come to the gate for that."""
    broken = policy("broken", [group("bots")], [{"name": "x", "action": "Allow", "when": "("}])
    has_policies(files, DEFAULT_POLICY, broken)
    assert '["agents", "bots"]' in agents_of(register(files, kubectl, "--dry-run").stdout)


def test_without_a_policy_nobody_is_gated(files: Files, kubectl: Path) -> None:
    has_policies(files)
    assert agents_of(register(files, kubectl, "--dry-run").stdout) == "false"


def test_dry_run_prints_and_applies_nothing(files: Files, kubectl: Path) -> None:
    done = register(files, kubectl, "--dry-run")
    assert done.returncode == 0
    validating, mutating = yaml.safe_load_all(done.stdout)
    assert (validating["kind"], mutating["kind"]) == ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
    assert validating["webhooks"][0]["clientConfig"]["service"]["name"] == "kubeapprove-webhook"
    assert not (files.folder / "applied.json").exists()


def test_kubectl_missing(files: Files) -> None:
    assert "install it on the PATH, or name it in $KUBECTL" in refused(register(files, files.folder / "absent"))


def test_kubectl_that_is_no_program(files: Files) -> None:
    assert "kubectl cannot be run" in refused(register(files, files.settings))


def test_kubectl_that_fails_is_one_line(files: Files, kubectl: Path) -> None:
    kubectl.write_text("#!/bin/sh\nprintf 'no\\nserver\\n' >&2\nexit 1\n")
    assert refused(register(files, kubectl)).endswith("kubectl get failed: no server")


_NO_SERVER = "The connection to the server localhost:8080 was refused - did you specify the right host or port?"
FAILURES: dict[str, tuple[str, str]] = {
    "no server": (
        f'E1124 11:44:02.565470    5557 memcache.go:381] "Couldn\'t get current server API group list"\n{_NO_SERVER}\n',
        f"get failed: {_NO_SERVER}: check that kubectl's context is the cluster to be gated, and that it runs",
    ),
    "no Secret": (
        'Error from server (NotFound): secrets "kubeapprove-webhook-path" not found\n',
        "not found: start the webhook, which makes it, or correct systemNamespace in the settings",
    ),
    "no namespace": (
        'Error from server (NotFound): namespaces "kubeapprove-system" not found\n',
        "not found: apply the manifests of kubeapprove first",
    ),
    "no right": (
        'Error from server (Forbidden): secrets "kubeapprove-webhook-path" is forbidden: User "dev" cannot get\n',
        "cannot get: register as somebody who may read that Secret and write webhook configurations",
    ),
    "no credentials": (
        "error: You must be logged in to the server (Unauthorized)\n",
        "kubectl has no valid credentials for this cluster; log in again",
    ),
    "no context": (
        "Error in configuration: context was not found for specified context: nope\n",
        "context: nope: see `kubectl config get-contexts`",
    ),
    "only a log": (
        "E1124 11:44:02.565470    5557 memcache.go:381] nothing\n",
        "kubectl get failed: it does not say why; try `kubectl get namespaces`",
    ),
}


@pytest.mark.parametrize("scenario", FAILURES)
def test_kubectl_that_fails(files: Files, kubectl: Path, scenario: str) -> None:
    stderr, sentence = FAILURES[scenario]
    (files.folder / "stderr").write_text(stderr)
    kubectl.write_text(f"#!/bin/sh\ncat {files.folder / 'stderr'} >&2\nexit 1\n")
    assert refused(register(files, kubectl)).endswith(sentence)


def test_kubectl_gets_no_terminal_to_ask_at(files: Files, kubectl: Path) -> None:
    kubectl.write_text("#!/bin/sh\nread -r name || echo 'error: EOF' >&2\nexit 1\n")
    assert refused(register(files, kubectl)).endswith("no valid credentials for this cluster; log in again")


PLACES: dict[str, tuple[list[str], str]] = {
    "two places": (["--url=https://127.0.0.1:9443", "--service=gate"], "--url and --service exclude each other"),
    "no TLS": (["--url=http://127.0.0.1"], "--url http://127.0.0.1 must begin with https://"),
    "no host": (["--url=https://"], "must be https://HOST[:PORT][/PATH], in ASCII, and nothing else"),
    "a port that is none": (
        ["--url=https://gate:https"],
        "must be https://HOST[:PORT][/PATH], in ASCII, and nothing else",
    ),
    "a DNS name as Service": (["--service=gate.ns.svc"], "--service 'gate.ns.svc' is no name of a Service"),
}


@pytest.mark.parametrize("scenario", PLACES)
def test_where_the_webhook_is(files: Files, kubectl: Path, scenario: str) -> None:
    arguments, sentence = PLACES[scenario]
    assert sentence in refused(register(files, kubectl, *arguments))
    assert not (files.folder / "calls").exists()


@pytest.mark.parametrize("text", ["", "no", "[]"])
def test_kubectl_that_says_something_else(files: Files, kubectl: Path, text: str) -> None:
    (files.folder / "secret.json").write_text(text)
    assert "did not answer with an object in JSON" in refused(register(files, kubectl))


def test_secret_that_is_malformed(files: Files, kubectl: Path) -> None:
    (files.folder / "secret.json").write_text('{"data": {"path": "!"}}')
    assert "must hold path (32 letters and digits)" in refused(register(files, kubectl))


def test_ca_file_missing(files: Files, kubectl: Path) -> None:
    done = run_here("register", f"--ca-file={files.folder / 'absent'}", settings=files.settings, KUBECTL=str(kubectl))
    assert "cannot be read (No such file or directory): correct --ca-file" in refused(done)
    assert not (files.folder / "calls").exists()


@pytest.mark.parametrize("content", [b"", b"dummy", "é".encode()], ids=["empty", "no PEM", "no ASCII"])
def test_ca_file_without_a_certificate(files: Files, kubectl: Path, content: bytes) -> None:
    ca = files.folder / "other.crt"
    ca.write_bytes(content)
    done = run_here("register", f"--ca-file={ca}", settings=files.settings, KUBECTL=str(kubectl))
    assert f"{ca} holds no CA certificate in PEM: correct --ca-file" in refused(done)
    assert not (files.folder / "calls").exists()
