"""Through which version of its API a resource may be changed.

A review shows an object in the version of the request. What another version cannot say is not in it, and is lost or
turned when the object is written: what looks like no change changes something. So custom resources change through
their storage version only, and not where objects may still be stored in a version that says more.

Of the built-in kinds one is known to lose something: a HorizontalPodAutoscaler in autoscaling/v1 shows one CPU target
where there are several, and its metrics in another order (seen on 1.37). Kubernetes' own round-trip tests hold the
others to losing nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kubeapprove.canonical import same
from kubeapprove.fields import ABSENT
from kubeapprove.ownership import ValuesByPath, managed_fields, owned_paths
from kubeapprove.raw import as_map
from kubeapprove.reasons import Reason
from kubeapprove.request import Operation, Request
from kubeapprove.verdict import Action, Verdict

Schema = Mapping[str, Any]
_BUILT_IN = {("autoscaling", "horizontalpodautoscalers"): "v2"}
_PRESERVES = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = "x-kubernetes-embedded-resource"


@dataclass(frozen=True, slots=True)
class StoredIn:
    """How a custom resource is stored: by its version of today; `lossy` are older ones that may say more."""

    version: str
    lossy: tuple[str, ...] = ()


def read_stored_in(crd: Mapping[str, Any]) -> StoredIn | None:
    """Read a CustomResourceDefinition; None where it names no storage version."""
    spec = as_map(crd.get("spec"))
    entries = spec.get("versions")
    versions = {
        entry["name"]: entry
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("name"), str)
    }
    storage = next((name for name, entry in versions.items() if entry.get("storage") is True), None)
    if storage is None:
        return None
    stored = as_map(crd.get("status")).get("storedVersions")
    others = [name for name in (stored if isinstance(stored, list) else ()) if name != storage]
    is_plain = as_map(spec.get("conversion")).get("strategy", "None") == "None"
    now = _schema(versions[storage])
    lossy = [str(name) for name in others if not (is_plain and _keeps_all(_schema(versions.get(name)), now))]
    return StoredIn(storage, tuple(lossy))


def judge_version(request: Request, stored: StoredIn | None) -> Verdict | None:
    """Judge the version of a request; None: go on. `stored` is None for what is no custom resource."""
    resource = request.resource
    name = f"{resource.resource}.{resource.group}"
    only = stored.version if stored is not None else _BUILT_IN.get((resource.group, resource.resource))
    if only is not None and not only == request.requested_version == resource.version:
        kind = "through its storage version" if stored is not None else "through the version that shows all of it,"
        return _refused(f"{name} may be changed {kind} {only} only; use apiVersion: {resource.group}/{only}")
    if stored is not None and stored.lossy and request.operation is Operation.UPDATE:
        older, now = ", ".join(stored.lossy), stored.version
        return _refused(
            f"objects of {name} may still be stored in version {older}, and an update would drop what {now} does not "
            "know, unseen; have a person migrate them (a StorageVersionMigration, or `kubectl get … -o json | kubectl "
            f"replace -f -`; then `status.storedVersions: [{now}]` in the CustomResourceDefinition)"
        )
    if stored is not None and request.operation is Operation.UPDATE and (gone := _owned_and_gone(request)):
        return _refused(
            f"{gone[0]} of this object is owned and not shown: the schema of {name} no longer knows it, and an update "
            "would drop what is stored there, unseen; have a person bring the schema back, or write the object once"
        )
    return None


def _owned_and_gone(request: Request) -> list[str]:
    """Return fields that managedFields of the old object name in this very version, and that the object does not show.

    The server takes from managedFields what an update removes, and from what it reads what the schema does not know:
    where the two differ, something is stored that no review shows. (What nobody owns is not seen this way.)
    """
    old = request.old_object or {}
    version = f"{request.resource.group}/{request.resource.version}"
    trees = (entry.get("fieldsV1") or {} for entry in managed_fields(old) if entry.get("apiVersion") == version)
    gone: set[str] = set()
    values = ValuesByPath(old)
    for path in (path for tree in trees for path in owned_paths(tree) if path[:1] != ("f:metadata",)):
        end = next((end for end in range(1, len(path) + 1) if values.at(path[:end]) is ABSENT), 0)
        # An item that is not there was removed; a field that is not, where the rest of its map is, was hidden.
        if end and path[end - 1].startswith("f:") and type(values.at(path[: end - 1])) is dict:
            gone.add(".".join(step.partition(":")[2] for step in path[:end]))
    return sorted(gone)


def _refused(sentence: str) -> Verdict:
    return Verdict(Action.DENY, Reason.STORAGE_VERSION, sentence)


def _schema(version: Any) -> Schema:
    return as_map(as_map(as_map(version).get("schema")).get("openAPIV3Schema"))


def _keeps_all(old: Schema, new: Schema) -> bool:
    """Whether all that an object may hold by `old` is kept and read the same by `new`. An absent schema keeps nothing.

    Looks at what prunes and what defaults; what only validates drops nothing.
    """
    if not old or not new or not same(old.get("default"), new.get("default")):
        return False
    if bool(old.get(_EMBEDDED)) != bool(new.get(_EMBEDDED)) or bool(old.get("nullable")) != bool(new.get("nullable")):
        return False
    keeps_unknown = bool(new.get(_PRESERVES))
    if old.get(_PRESERVES) and not keeps_unknown:
        return False
    before, after = as_map(old.get("properties")), as_map(new.get("properties"))
    if not all(_keeps_all(inner, after[key]) if key in after else keeps_unknown for key, inner in before.items()):
        return False
    return all(_keeps_all_within(old.get(key), new.get(key)) for key in ("items", "additionalProperties"))


def _keeps_all_within(old: Any, new: Any) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return _keeps_all(old, new)
    return not old or same(old, new)
