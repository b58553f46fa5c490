"""The name and namespace of the approval of one change by one requester: therefore one GET is the whole truth."""

import base64
import hashlib
import re

from kubeapprove.change import Change

MAX_NAME = 63
_SUFFIX = 20
_NOT_IN_NAMES = re.compile(r"[^a-z0-9-]")


def approval_name(change: Change, requester: str) -> str:
    """Return `<operation>-<resource>-<object>-<20 of base32>`, at most 63 characters of [a-z0-9-].

    `requester` is an identity key. The last part is lower-case base32 of SHA-256 over the hash, a line feed and that
    key. It makes the name unique, but a reader still compares hash and requester.
    """
    seed = f"{change.hash}\n{requester}".encode()
    suffix = base64.b32encode(hashlib.sha256(seed).digest()).decode("ascii").lower()[:_SUFFIX]
    document = change.document
    parts = [document["operation"], document["resource"]["resource"], document["subresource"], change.name]
    readable = _NOT_IN_NAMES.sub("-", "-".join(part for part in parts if part).lower())
    return f"{readable[: MAX_NAME - _SUFFIX - 1].rstrip('-')}-{suffix}"


def approval_namespace(change: Change, approvals_namespace: str) -> str:
    """Return where the approval lives: with its object, or with us.

    Ours is for cluster-scoped objects and for Namespaces, whose review calls their own name a namespace.
    """
    resource = change.document["resource"]
    if (resource["group"], resource["resource"]) == ("", "namespaces"):
        return approvals_namespace
    return change.document["namespace"] or approvals_namespace
