"""Who an IAM role's session is at EKS: the UserInfo that aws-iam-authenticator answers to a TokenReview.

The account is the one of the AWS documentation, and every id ends in EXAMPLE as there.
"""

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

ACCOUNT = "111122223333"
TOKEN_PREFIX = "k8s-aws-v1."


def session_arn(role: str, session: str) -> str:
    """Return what STS calls the session: the caller chooses its last part, the role's path is not in it."""
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}"


def role_arn(role: str) -> str:
    """Return what the authenticator calls canonical: the role, whatever the session."""
    return f"arn:aws:iam::{ACCOUNT}:role/{role}"


def user(role: str, session: str, *, username: str = "", groups: Sequence[str] = ()) -> dict[str, Any]:
    """Make the UserInfo; `username` is what the role is mapped to, by default what an access entry maps it to.

    uid and principalId are the role's, one for all of its sessions; the access key is the session's own.
    """
    principal = _id("AROA", role, 10)
    return {
        "username": username or session_arn(role, session.replace("@", "-")),
        "uid": f"aws-iam-authenticator:{ACCOUNT}:{principal}",
        "groups": list(groups),
        "extra": {
            "arn": [session_arn(role, session)],
            "canonicalArn": [role_arn(role)],
            "sessionName": [session],
            "accessKeyId": [_id("ASIA", f"{role}/{session}", 9)],
            "principalId": [principal],
        },
    }


def _id(kind: str, name: str, length: int) -> str:
    """Make the same id for the same name."""
    digest = hashlib.sha256(name.encode()).digest()
    return f"{kind}{base64.b32encode(digest).decode()[:length]}EXAMPLE"
