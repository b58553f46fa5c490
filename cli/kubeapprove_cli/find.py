"""From what a person typed to one approval: a name, a hash, or an unambiguous beginning of either."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kubeapprove.printable import quoted
from kubeapprove_cli.errors import CliError, NotFoundError, UsageError
from kubeapprove_cli.kube import NAMESPACE, Kubectl
from kubeapprove_cli.state import State, state_of

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,252})")
_HEX = re.compile(r"[0-9a-f]{1,64}")
_HASH = "sha256:"
_KINDS = ("manifestapproval.kubeapprove.io", "manifestapprovals.kubeapprove.io")
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Reference:
    """What was typed. `namespace` is empty unless it was typed too."""

    text: str
    namespace: str = ""

    @property
    def is_hash(self) -> bool:
        """Whether it can be nothing but a hash."""
        return self.text.startswith(_HASH)

    def fits(self, approval: State) -> bool:
        """Whether the approval's name or hash begins like this."""
        digits = self.text.removeprefix(_HASH)
        named = not self.is_hash and approval.name.startswith(self.text)
        return named or (
            _HEX.fullmatch(digits) is not None and approval.manifest_hash.removeprefix(_HASH).startswith(digits)
        )


def reference(text: str) -> Reference:
    """Read NAME, NAMESPACE/NAME, KIND/NAME (`-o name`) or HASH; raises UsageError."""
    namespace, slash, name = text.rpartition("/")
    if namespace in _KINDS:
        namespace = ""
    elif slash and not NAMESPACE.fullmatch(namespace):
        raise UsageError(f"{quoted(text)} is neither NAME nor NAMESPACE/NAME")
    digits = name.removeprefix(_HASH)
    if not (_HEX if name.startswith(_HASH) else _NAME).fullmatch(digits):
        raise UsageError(f"{quoted(text)} is neither the name of an approval nor a hash; see `kubectl approve list`")
    return Reference(name, namespace)


def find(kubectl: Kubectl, text: str, now: datetime) -> State:
    """Return the one approval that is meant. Where several fit, the only open one; else raises, listing them."""
    wanted = reference(text)
    everywhere = kubectl.flags.all_namespaces and not wanted.namespace
    namespace = "" if everywhere else wanted.namespace or kubectl.namespace
    if not wanted.is_hash and not everywhere:
        try:
            return state_of(kubectl.approval(namespace, wanted.text), now)
        except NotFoundError:
            pass  # it may be the beginning of a name, or a hash
    fitting = [found for found in states(kubectl.approvals(namespace), now) if wanted.fits(found)]
    return _only(fitting, text, namespace)


def states(items: list[dict[str, Any]], now: datetime) -> list[State]:
    """Return the approvals of a list."""
    return [state_of(item, now) for item in items]


def _only(fitting: list[State], text: str, namespace: str) -> State:
    exact = [found for found in fitting if found.name == text]
    still_open = [found for found in fitting if found.is_open]
    for candidates in (exact, fitting, still_open):
        if len(candidates) == 1:
            return candidates[0]
    if not fitting:
        where = f"in namespace {namespace}" if namespace else "in this cluster"
        raise NotFoundError(
            f"no approval {quoted(text)} {where}: see `kubectl approve list -A --all`, or name its namespace with -n"
        )
    shown = [f"  {found.full_name}  {found.phase}  {found.manifest_hash[:19]}…  {found.subject}" for found in fitting]
    more = [f"  and {len(shown) - _SHOWN} more"] if len(shown) > _SHOWN else []
    raise CliError(
        "\n".join([f"{quoted(text)} fits {len(fitting)} approvals; type more of it:", *shown[:_SHOWN], *more])
    )
