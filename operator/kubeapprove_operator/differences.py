"""Says in what a registration differed from what it should be, so that one's own change can be told from another's."""

from collections.abc import Iterator
from typing import Any

from kubeapprove_operator.api import COMPONENT


def differed(found: dict[str, Any], wanted: dict[str, Any]) -> str:
    """Say in what, and who wrote last, as far as managedFields tell: they name nobody where something was removed."""
    what = f"differed from policies and settings in {what_differs(found.get('webhooks') or [], wanted['webhooks'])}"
    entries = found["metadata"].get("managedFields") or []
    # Of those in the same second somebody else: what we write is right, and this is not.
    newest: dict[str, Any] = max(
        entries, key=lambda entry: (str(entry.get("time", "")), entry.get("manager") != COMPONENT), default={}
    )
    manager = str(newest.get("manager", COMPONENT))
    if manager == COMPONENT:
        return f"{what} (managedFields do not tell since when; the API server's audit log does)"
    return f"{what}, last written by {manager}"


def what_differs(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> str:
    """Name what differs, so that a change of one's own can be told from somebody else's.

    Fields only, no value: an address holds the secret path, and a webhook that was added has any name.
    """
    there, due = ({hook["name"]: hook for hook in hooks} for hooks in (found, wanted))
    parts = [] if there.keys() == due.keys() else ["which webhooks there are"]
    for name, hook in due.items():
        if name in there:
            parts += _fields(there[name], hook)
    return ", ".join(dict.fromkeys(parts)) or "the order of the webhooks"


def _fields(there: dict[str, Any], due: dict[str, Any]) -> Iterator[str]:
    """Yield the fields in which one webhook differs, as people know them."""
    for field in sorted(there.keys() | due.keys()):
        is_, should = there.get(field), due.get(field)
        if is_ == should:
            continue
        if field == "clientConfig":
            yield from _address(is_ or {}, should or {})
        elif field == "matchConditions" and _without_agents(is_) == _without_agents(should):
            yield "which agents are matched"
        else:
            yield field


def _address(there: dict[str, Any], due: dict[str, Any]) -> Iterator[str]:
    if there.get("caBundle") != due.get("caBundle"):
        yield "caBundle"
    if any(there.get(key) != due.get(key) for key in ("url", "service")):
        yield "url or service"


def _without_agents(conditions: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Return the conditions as if they matched the same agents."""
    return [one | {"expression": ""} if one.get("name") == "agents" else one for one in conditions or []]
