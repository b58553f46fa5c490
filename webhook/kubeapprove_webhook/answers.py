"""The answer to the API server, and the refusal as the agent reads it.

The refusal is the interface: one line with the approval's name, the hash and the exact next command, and the same as
`details.causes` for programs. Code and reason are those of a Status; every answer is HTTP 200, because any other status
looks like a broken webhook to the agent.
"""

import base64
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from kubeapprove.change import Change
from kubeapprove.reasons import SENTENCES, Reason
from kubeapprove.request import Request
from kubeapprove.resources import GROUP, PLURAL, format_time

RETRY_AFTER_SECONDS = 30
_WORTH_RETRYING = frozenset(
    {
        Reason.APPROVAL_REQUIRED,
        Reason.APPROVAL_PENDING,
        Reason.REQUIREMENT_UNMET,
        Reason.APPROVAL_SPENT,
        Reason.UNAVAILABLE,
        Reason.CONFLICT,
        Reason.TOO_MANY_PENDING,
        Reason.POLICY_UNKNOWN,
    }
)
_CODES = {Reason.UNREADABLE: 400, Reason.TOO_LARGE: 413}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `verdict` is the word of the records: allow, deny or ask."""

    allowed: bool
    verdict: str
    reason: Reason
    message: str
    approval: str = ""
    hash: str = ""
    expires: datetime | None = None
    next: str = ""
    warnings: tuple[str, ...] = ()
    patch: tuple[dict[str, Any], ...] = field(default=())

    @property
    def code(self) -> int:
        """The code of the Status."""
        return 200 if self.allowed else _CODES.get(self.reason, 403)

    def facts(self) -> dict[str, str]:
        """What audit log and records tell of the answer; nothing empty."""
        facts = {"approval": self.approval, "hash": self.hash, "verdict": self.verdict, "reason": str(self.reason)}
        return {key: value for key, value in facts.items() if value}


def allow(reason: Reason, *, approval: str = "", hash_: str = "", warnings: tuple[str, ...] = ()) -> Answer:
    """Return an allow."""
    return Answer(True, "allow", reason, SENTENCES[reason], approval=approval, hash=hash_, warnings=warnings)


def deny(reason: Reason, sentence: str = "", *, approval: str = "", hash_: str = "") -> Answer:
    """Return a refusal that no approval would change right now."""
    return Answer(False, "deny", reason, sentence or SENTENCES[reason], approval=approval, hash=hash_)


def review_response(uid: str, answer: Answer) -> dict[str, Any]:
    """Return the AdmissionReview (admission.k8s.io/v1) that carries the answer."""
    response: dict[str, Any] = {"uid": uid, "allowed": answer.allowed, "auditAnnotations": answer.facts()}
    if not answer.allowed:
        response["status"] = _status(answer)
    if answer.patch:
        response["patchType"] = "JSONPatch"
        response["patch"] = base64.b64encode(orjson.dumps(answer.patch)).decode("ascii")
    if answer.warnings:
        response["warnings"] = list(answer.warnings)
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}


def _status(answer: Answer) -> dict[str, Any]:
    causes = [
        {"reason": reason, "message": message}
        for reason, message in (
            ("Approval", answer.approval),
            ("ManifestHash", answer.hash),
            ("Expires", format_time(answer.expires) if answer.expires else ""),
            ("Next", answer.next),
        )
        if message
    ]
    details: dict[str, Any] = {"causes": causes}
    if answer.approval:
        details |= {"group": GROUP, "kind": PLURAL, "name": answer.approval.partition("/")[2]}
    if answer.reason in _WORTH_RETRYING:
        details["retryAfterSeconds"] = RETRY_AFTER_SECONDS
    return {
        "status": "Failure",
        "code": answer.code,
        "reason": str(answer.reason),
        "message": _one_line(answer.message),
        "details": details,
    }


def _one_line(text: str) -> str:
    """Keep line feeds and escape sequences from terminals: names in a CONNECT are whatever the caller wrote."""
    return "".join(character if character.isprintable() else " " for character in text)


def what(request: Request, change: Change) -> str:
    """Return the change in a few words: `update deployments/scale "web" in namespace "shop"`."""
    kind = request.resource.resource + (f"/{request.subresource}" if request.subresource else "")
    # A Namespace's review calls its own name a namespace.
    is_inside = request.namespace and (request.resource.group, request.resource.resource) != ("", "namespaces")
    place = f' in namespace "{request.namespace}"' if is_inside else ""
    return f'{request.operation.lower()} {kind} "{change.name}"{place}'


def wait_command(approval: str) -> str:
    """Return the command that waits for a decision."""
    namespace, _, name = approval.partition("/")
    return f"kubectl approve wait -n {namespace} {name}"
