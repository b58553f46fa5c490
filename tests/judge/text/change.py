"""The change of a request, as the text of section 3 says it.

Simple on purpose: quadratic, no fast paths, and nothing of the project's own code. Where its answer and core's differ,
one of them has misread the text.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from tests.judge.text import differences, left_out
from tests.judge.text.hiding import Hiding
from tests.judge.text.owners import ownership
from tests.judge.text.replaced import replace
from tests.judge.text.request import Request
from tests.judge.text.values import canonical, get

LONGEST = 1024 * 1024
OPTIONS_LEFT_OUT = ("kind", "apiVersion", "preconditions", "dryRun")


@dataclass(frozen=True, slots=True)
class Judged:
    """A change; `cut` are the pointers of new texts that are not shown whole."""

    document: dict[str, Any]
    cut: tuple[str, ...]

    @property
    def hash(self) -> str:
        """`sha256:` and 64 hex digits over the RFC 8785 bytes."""
        return "sha256:" + hashlib.sha256(canonical(self.document)).hexdigest()

    @property
    def is_nothing(self) -> bool:
        """An UPDATE with no fields and no `ownership`."""
        document = self.document
        return document["operation"] == "UPDATE" and not document["fields"] and "ownership" not in document

    @property
    def is_too_large(self) -> bool:
        """Over 1 MiB as the approval would store it: indented ASCII JSON in JSON."""
        return len(json.dumps(json.dumps(self.document, indent=2, sort_keys=True))) > LONGEST


def judge(raw: dict[str, Any], *, cluster: str, hiding: Hiding) -> Judged:
    """Return the change of the `request` of a review."""
    request = Request(raw)
    document = {
        "v": 1,
        "cluster": cluster,
        "operation": request.operation,
        "resource": {key: raw["resource"][key] for key in ("group", "version", "resource")},
        "subresource": request.subresource,
        "namespace": request.namespace,
        **({} if request.has_generated_name else {"name": request.name}),
        **_what(request),
    }
    document, cut = replace(document, request, hiding)
    return Judged(document, tuple(cut))


def _what(request: Request) -> dict[str, Any]:
    if request.operation == "CONNECT":
        return {"options": request.object}
    if request.operation == "CREATE":
        return {"object": left_out.created(request), **_ownership(request)}
    uid = get(request.old, ("metadata", "uid"))
    bound = {"uid": uid if isinstance(uid, str) else ""}
    if request.operation == "DELETE":
        options = {key: value for key, value in request.options.items() if key not in OPTIONS_LEFT_OUT}
        return {**bound, "options": options}
    old, new = left_out.updated(request)
    return {**bound, "fields": differences.fields(old, new), **_ownership(request)}


def _ownership(request: Request) -> dict[str, Any]:
    moves = ownership(request)
    return {"ownership": moves} if moves else {}
