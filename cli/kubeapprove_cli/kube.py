"""The only way to the cluster: the user's own kubectl, with the flags that the user gave (docs/adr/0002)."""

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from kubeapprove.printable import quoted
from kubeapprove_cli import refusal
from kubeapprove_cli.errors import CliError, KubectlError, UsageError
from kubeapprove_cli.screen import say

# Said here again: core's models take 100 ms to import, which `--help` does not wait for.
_API_VERSION = "kubeapprove.io/v1alpha1"
RESOURCE = "manifestapprovals.v1alpha1.kubeapprove.io"
_COLLECTION = f"/apis/{_API_VERSION}"
_PAGE = 200
NAMESPACE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62})")
_POD_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
FIELD_MANAGER = "kubeapprove"


@dataclass(slots=True)
class Flags:
    """What the user said about the connection; `passed` goes to every kubectl as it is."""

    passed: list[str] = field(default_factory=list)
    namespace: str = ""
    all_namespaces: bool = False
    context: str = ""


class Kubectl:
    """kubectl as a process per call. Every method raises a CliError that says what to do."""

    def __init__(self, flags: Flags) -> None:
        self.flags = flags
        self._binary = ""
        if flags.namespace and not NAMESPACE.fullmatch(flags.namespace):
            raise UsageError(f"{quoted(flags.namespace)} is not the name of a namespace")
        self._namespace = flags.namespace

    def command(self, *args: str) -> list[str]:
        """Return the command line of a kubectl."""
        self._binary = self._binary or _binary()
        return [self._binary, *self.flags.passed, *args]

    @property
    def namespace(self) -> str:
        """The namespace that kubectl would use: `-n`, else the context's, else `default`. Looked up once."""
        if not self._namespace:
            try:
                found = self._run("config", "view", "--minify", "--output=jsonpath={..namespace}")
            except KubectlError as error:
                if "current-context must exist" not in error.sentence:
                    raise
                found = _own_namespace()  # no kubeconfig: kubectl then uses the ServiceAccount of its pod
            self._namespace = found.strip() or "default"
        return self._namespace

    def get(self, path: str) -> dict[str, Any]:
        """GET a path of the API server: no discovery, one request."""
        return _object(self._run("get", "--raw", path))

    def approval(self, namespace: str, name: str) -> dict[str, Any]:
        """Return one approval by its whole name; raises NotFoundError."""
        return self.get(approvals_path(namespace, name))

    def approvals(self, namespace: str) -> list[dict[str, Any]]:
        """Return all approvals of a namespace, or with an empty one of the cluster."""
        return self._list(approvals_path(namespace), "ManifestApproval")

    def policies(self) -> list[dict[str, Any]]:
        """Return all policies of the cluster."""
        return self._list(f"{_COLLECTION}/approvalpolicies", "ApprovalPolicy")

    def _list(self, path: str, kind: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        token = ""
        while True:
            page = self.get(f"{path}?limit={_PAGE}{token}")
            found = page.get("items")
            # Items of a list come without their kind.
            items += [
                {"apiVersion": _API_VERSION, "kind": kind, **item} for item in (found if type(found) is list else [])
            ]
            following = page.get("metadata", {}).get("continue")
            if not following:
                return items
            token = f"&continue={following}"

    def watch(self, namespace: str, name: str, version: str, seconds: int) -> "subprocess.Popen[bytes]":
        """Start a watch of one approval: an event a line on stdout, until `seconds` are over. The caller ends it."""
        query = f"fieldSelector=metadata.name%3D{name}&watch=true&resourceVersion={version}&timeoutSeconds={seconds}"
        command = self.command("get", "--raw", f"{approvals_path(namespace)}?{query}")
        return _start(command, stdin=subprocess.DEVNULL)

    def patch(self, namespace: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
        """Merge `spec` into an approval's spec and return what was stored."""
        body = json.dumps({"spec": spec})
        return _object(
            self._run(
                "patch",
                RESOURCE,
                name,
                f"--namespace={namespace}",
                "--type=merge",
                f"--field-manager={FIELD_MANAGER}",
                f"--patch={body}",
                "--output=json",
            )
        )

    def dry_run(self, verb: str, obj: dict[str, Any]) -> dict[str, Any]:
        """Return what `kubectl create` or `apply` would store, as the API server says; nothing is stored."""
        options = ("--dry-run=server", "--output=json", "--show-managed-fields", "--filename=-")
        return _object(self._run(verb, *options, given=json.dumps(obj)))

    def _run(self, *args: str, given: str | None = None) -> str:
        code, output, failure = run(self.command(*args), given)
        if code != 0:
            raise refusal.error_of(failure)
        return output


def _start(command: Sequence[str], *, stdin: int | None) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(  # noqa: S603 (the user's own kubectl)
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except OSError as error:
        raise CliError(f"cannot run {command[0]}: {error.strerror}; $KUBECTL must name kubectl's binary") from None


def run(command: Sequence[str], given: str | None = None) -> tuple[int, str, str]:
    """Run a kubectl to its end, `given` on its stdin: exit code, stdout, and of stderr the failure.

    What else it writes to stderr appears at once: warnings, and what a login plugin asks the user to do.
    """
    kept: list[str] = []
    with _start(command, stdin=None if given is None else subprocess.PIPE) as process:
        listener = threading.Thread(target=_listen, args=(process.stderr, kept), daemon=True)
        listener.start()
        if process.stdin is not None:
            with suppress(BrokenPipeError), process.stdin as stdin:  # it may fail before it reads
                stdin.write((given or "").encode())
        output = process.stdout.read() if process.stdout is not None else b""
        listener.join()
    return process.returncode, output.decode("utf-8", errors="replace"), "\n".join(kept)


def _listen(stderr: IO[bytes] | None, kept: list[str]) -> None:
    """Keep what tells of the failure, and say the rest."""
    for raw in stderr or ():
        row = raw.decode("utf-8", errors="replace").rstrip("\r\n")
        if kept or refusal.begins(row):
            kept.append(row)
        elif row.strip() and not refusal.is_noise(row):
            say(refusal.in_our_words(row))


def _own_namespace() -> str:
    try:
        return _POD_NAMESPACE.read_text(encoding="utf-8")
    except OSError:
        return ""


def approvals_path(namespace: str, name: str = "") -> str:
    """Return the URL path of one approval, of a namespace's or of all. Names are checked before."""
    inside = f"namespaces/{namespace}" if namespace else ""
    return "/".join(part for part in (_COLLECTION, inside, "manifestapprovals", name) if part)


def object_path(group: str, version: str, plural: str, namespace: str, name: str) -> str:
    """Return the URL path of any object. A Namespace is in none, whatever its review says."""
    from urllib.parse import quote

    root = f"apis/{quote(group, safe='')}" if group else "api"
    is_inside = namespace and (group, plural) != ("", "namespaces")
    inside = f"namespaces/{quote(namespace, safe='')}" if is_inside else ""
    parts = (root, quote(version, safe=""), inside, quote(plural, safe=""), quote(name, safe=""))
    return "/" + "/".join(part for part in parts if part)


def _binary() -> str:
    binary = os.environ.get("KUBECTL") or shutil.which("kubectl")
    if not binary:
        raise CliError("kubectl is not in PATH: install it, or set KUBECTL to its path")
    return binary


def _object(text: str) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if type(answer) is not dict:
        raise CliError(
            "kubectl did not answer with JSON: does $KUBECTL or a wrapper in PATH print something of its own?"
        )
    return answer
