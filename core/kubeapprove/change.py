"""The change: the canonical document of what one admission request would do to one object, and its hash.

Built from what the API server is about to store, after defaulting and every mutating webhook; never from YAML.
The document's shapes are wire format (`v: 1`); fields are added with a new `v` only.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from kubeapprove import generated, servergiven
from kubeapprove.canonical import digest
from kubeapprove.fields import changed_fields
from kubeapprove.hidden import Hiding
from kubeapprove.ownership import changed_ownership, claims_what_is_there
from kubeapprove.replaced import Replacer
from kubeapprove.request import Operation, Request
from kubeapprove.strictjson import UnreadableError, loads

VERSION = 1
MAX_STORED = 1024 * 1024
"""Bytes of a change as an approval stores it: JSON in JSON."""
# Who sends the options, and that they are preconditions or a dry run, says nothing about what is deleted.
_DELETE_OPTIONS_LEFT_OUT = ("kind", "apiVersion", "preconditions", "dryRun")
_NOT_PRINTABLE = re.compile(r"[^\x00-\x7e]+")


@dataclass(frozen=True)
class Change:
    """One change. `name` is what people call the object; `cut` names the texts that an approver would not see whole."""

    document: dict[str, Any]
    name: str
    cut: tuple[str, ...]

    @cached_property
    def hash(self) -> str:
        """The manifest hash: `sha256:` and 64 hex of the document's RFC 8785 bytes."""
        return digest(self.document)

    @cached_property
    def text(self) -> str:
        """The document as `spec.change` holds it: JSON, ASCII, keys sorted, indented by two."""
        return render(self.document)

    @property
    def is_too_large(self) -> bool:
        """Whether an approval could not hold the document."""
        return len(orjson.dumps(self.text)) > MAX_STORED

    @property
    def is_nothing(self) -> bool:
        """Whether the request changes nothing: an UPDATE without changed fields and without lost ownership."""
        document = self.document
        return document["operation"] == Operation.UPDATE and not document["fields"] and "ownership" not in document

    @property
    def binds_uid(self) -> bool:
        """Whether the change is bound to one object's uid."""
        return bool(self.document.get("uid"))


def build_change(request: Request, *, cluster: str, hiding: Hiding) -> Change:
    """Return the change of a request; raises UnreadableError where the objects have no single meaning.

    `cluster` is the uid of the kube-system namespace: an approval on one cluster says nothing on another.
    """
    replacer = Replacer(request, hiding)
    document: dict[str, Any] = {
        "v": VERSION,
        "cluster": cluster,
        "operation": str(request.operation),
        "resource": request.resource.as_dict(),
        "subresource": request.subresource,
        "namespace": request.namespace,
    }
    name = _BODIES[request.operation](document, request, replacer)
    document["replaced"] = replacer.entries
    return Change(document, name, tuple(replacer.cut))


def _create(document: dict[str, Any], request: Request, replacer: Replacer) -> str:
    obj = servergiven.created(request)
    name = request.name or _text(obj, "name")
    marks = generated.marks(request, obj)
    if generated.has_generated_name(request):
        obj = {**obj, "metadata": {key: value for key, value in obj["metadata"].items() if key != "name"}}
        name = _text(obj, "generateName")
    else:
        document["name"] = name
    document["object"] = replacer.object(obj, marks)
    # A client may send managedFields with a new object: claims for other managers, or for what is not there.
    raw, manager = request.object or {}, request.field_manager
    if not claims_what_is_there(raw, manager) and (entries := changed_ownership({}, raw, manager)):
        document["ownership"] = replacer.ownership(entries)
    return name


def _update(document: dict[str, Any], request: Request, replacer: Replacer) -> str:
    raw_old, raw_new = request.old_object or {}, request.object or {}
    old, new = servergiven.updated(request)
    document["name"] = name = request.name or _text(raw_old, "name")
    document["uid"] = _text(raw_old, "uid")
    document["fields"] = replacer.fields(changed_fields(old, new))
    if entries := changed_ownership(raw_old, raw_new, request.field_manager):
        document["ownership"] = replacer.ownership(entries)
    return name


def _delete(document: dict[str, Any], request: Request, replacer: Replacer) -> str:
    old = request.old_object or {}
    document["name"] = name = request.name or _text(old, "name")
    document["uid"] = _text(old, "uid")
    options = {key: value for key, value in request.options.items() if key not in _DELETE_OPTIONS_LEFT_OUT}
    document["options"] = replacer.options(options)
    return name


def _connect(document: dict[str, Any], request: Request, replacer: Replacer) -> str:
    document["name"] = request.name
    document["options"] = replacer.options(request.object or {})
    return request.name


_BODIES: dict[Operation, Callable[[dict[str, Any], Request, Replacer], str]] = {
    Operation.CREATE: _create,
    Operation.UPDATE: _update,
    Operation.DELETE: _delete,
    Operation.CONNECT: _connect,
}


def _text(obj: dict[str, Any], key: str) -> str:
    value = obj.get("metadata", {}).get(key, "")
    if type(value) is not str:
        raise UnreadableError(f"metadata.{key} is not a string")
    return value


def render(document: dict[str, Any]) -> str:
    """Return the document as people and Git read it; every character is printable ASCII or a line feed."""
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode("utf-8")
    # Run by run: the standard library's encoder escapes a run of any length at once.
    return _NOT_PRINTABLE.sub(lambda run: json.dumps(run[0])[1:-1], text)


def read_document(text: str) -> dict[str, Any]:
    """Parse a stored change strictly; raises UnreadableError. Does **not** compare it with any hash."""
    document = loads(text.encode("utf-8", errors="surrogatepass"))
    if type(document) is not dict or document.get("v") != VERSION:
        raise UnreadableError(f"the change is not a document of version {VERSION}")
    return document
