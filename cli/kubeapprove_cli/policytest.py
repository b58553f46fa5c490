"""`policy test`: what the policies say about a manifest, before anybody asks."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from kubeapprove.identity import UserInfo
from kubeapprove.policies import POLICY_KIND
from kubeapprove.policycheck import read_policy
from kubeapprove.printable import quoted
from kubeapprove.request import Operation
from kubeapprove.ruling import Policies, Policy
from kubeapprove.settings import Settings, SettingsError, read_settings
from kubeapprove_cli import clock, explaining, explainview, screen
from kubeapprove_cli.errors import CliError, Exit, UnjudgedError, UsageError
from kubeapprove_cli.explaining import Explanation, Outcome
from kubeapprove_cli.kube import Flags, Kubectl
from kubeapprove_cli.lines import Line, line
from kubeapprove_cli.manifests import STDIN, read_objects
from kubeapprove_cli.screen import DataOutput
from kubeapprove_cli.trial import Wanted, request_of

_FILE: Final = re.compile(r"-|.*/.*|.*[.](?:yaml|yml|json)")
_THROW_AWAY: Final = 32


def policy_test(  # noqa: PLR0913 (a command line)
    flags: Flags,
    policies: Sequence[str],
    *,
    manifests: Sequence[str],
    agent: UserInfo,
    operation: Operation | None,
    old: str,
    resource: str,
    labels: Sequence[str],
    settings_file: str,
    output: DataOutput | None,
) -> Exit:
    """Explain what the policies say about each object of the manifests; return the exit code."""
    try:
        files, kubectl = _where(flags, policies)
        settings = _settings(settings_file)
        _check_stdin([*files, *manifests, old])
        known = _policies(files, [name for name in policies if name not in files], kubectl, settings)
        _check_agent(agent, known)
        wanted = Wanted(agent, operation, resource, flags.namespace, tuple(read_objects(old)) if old else (), kubectl)
        found = [_explained(obj, wanted, known, settings, labels) for name in manifests for obj in read_objects(name)]
    except UsageError:
        raise
    except CliError as error:
        raise UnjudgedError(error.sentence) from None
    _print(found, output)
    return _exit(found)


def _check_stdin(files: Sequence[str]) -> None:
    if list(files).count(STDIN) > 1:
        raise UsageError("stdin (-) can be read once: give the others as files")


def _check_agent(agent: UserInfo, policies: Policies) -> None:
    if not policies.naming(agent):
        groups = ", ".join(agent.groups)
        raise UsageError(
            f"none of these policies names {agent.username} (groups: {groups}), whose requests no gate would see: "
            "correct --as and --as-group"
        )


def _where(flags: Flags, policies: Sequence[str]) -> tuple[list[str], Kubectl | None]:
    """Return which of the arguments are files, and a kubectl where a cluster has to be asked."""
    files = [name for name in policies if _FILE.fullmatch(name) or Path(name).is_file()]
    is_offline = bool(files) and len(files) == len(policies)
    return files, None if is_offline else Kubectl(flags)


def _settings(name: str) -> Settings:
    if not name:
        return Settings()
    import yaml

    try:
        return read_settings(yaml.safe_load(Path(name).read_text(encoding="utf-8")))
    except SettingsError as error:
        raise UsageError(f"{quoted(name)}: {error}") from None
    except (OSError, ValueError, yaml.YAMLError):
        raise UsageError(f"{quoted(name)} cannot be read as settings in YAML; docs/settings.md shows some") from None


def _policies(files: Sequence[str], names: Sequence[str], kubectl: Kubectl | None, settings: Settings) -> Policies:
    """Read policies from files and cluster; raises where one of a file cannot be used, with place and remedy."""
    read = [_of_file(raw, name, settings) for name in files for raw in read_objects(name)]
    if kubectl is not None:
        stored = [read_policy(raw, settings) for raw in kubectl.policies()]
        if absent := sorted(set(names) - {policy.name for policy in stored}):
            raise UsageError(
                f"the cluster has no policy {', '.join(map(quoted, absent))}: see `kubectl get approvalpolicies`; "
                "a file is named by its path"
            )
        read += [policy for policy in stored if policy.name in names or (not names and not files)]
    twice = {policy.name for policy in read if sum(other.name == policy.name for other in read) > 1}
    if twice:
        raise UsageError(
            f"policy {', '.join(map(quoted, sorted(twice)))} is given twice; a cluster holds one of a name"
        )
    if not read:
        raise UnjudgedError("the cluster has no policies, so nobody is gated here; give a policy's file to test it")
    return Policies(read, settings.named_roles)


def _of_file(raw: Mapping[str, Any], name: str, settings: Settings) -> Policy:
    if raw.get("kind") != POLICY_KIND:
        raise UsageError(f"{quoted(name)} holds a {quoted(str(raw.get('kind')))}, which is no {POLICY_KIND}")
    policy = read_policy(raw, settings)
    if policy.problem:
        raise UsageError(f"policy {quoted(policy.name)} in {quoted(name)} cannot be used: {policy.problem}")
    return policy


def _explained(
    obj: dict[str, Any], wanted: Wanted, policies: Policies, settings: Settings, labels: Sequence[str]
) -> Explanation:
    request = request_of(obj, wanted)
    known: Mapping[str, str] | None = None
    if request.namespace and policies.asks_for_labels(wanted.agent):
        known = _labels(request.namespace, labels, wanted.kubectl)
    hiding = settings.hiding(os.urandom(_THROW_AWAY))
    return explaining.explain(request, policies, settings, hiding, known, clock.now())


def _labels(namespace: str, told: Sequence[str], kubectl: Kubectl | None) -> Mapping[str, str] | None:
    """Return a namespace's labels: as told, else as the cluster has them, else None for not known."""
    if told:
        pairs = [one.partition("=") for one in told]
        if any(not equals for _, equals, _ in pairs):
            raise UsageError("--namespace-label takes KEY=VALUE")
        return {"kubernetes.io/metadata.name": namespace} | {key: value for key, _, value in pairs}
    if kubectl is None:
        return None
    found = kubectl.get(f"/api/v1/namespaces/{namespace}").get("metadata", {}).get("labels")
    return found if type(found) is dict else {}


def _print(found: Sequence[Explanation], output: DataOutput | None) -> None:
    if output is not None:
        screen.dump({**explainview.as_data(found), "exitCode": int(_exit(found))}, output)
        return
    lines: list[Line] = []
    for explanation in found:
        lines += [*([line()] if lines else []), *explainview.render(explanation)]
    screen.show(lines)


def _exit(found: Sequence[Explanation]) -> Exit:
    if any(explanation.broken for explanation in found):
        return Exit.USAGE
    return Exit.ERROR if any(one.outcome is Outcome.DENIED for one in found) else Exit.OK
