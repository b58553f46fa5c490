"""Who the API server takes somebody for."""

import json
from typing import Any

from e2e.cluster.control_plane import ControlPlane


def whoami(control_plane: ControlPlane, as_: str) -> dict[str, Any]:
    """Return the UserInfo as kubectl shows it."""
    answer = json.loads(control_plane.kubectl("auth", "whoami", "-o", "json", as_=as_).stdout)
    user: dict[str, Any] = answer["status"]["userInfo"]
    return user


def bearer(control_plane: ControlPlane, token: str) -> tuple[int, dict[str, Any]]:
    """Ask with a bare token: status and UserInfo, empty where the token is refused."""
    # An identity without a certificate, which would win over the token.
    control_plane.service_account("default", "bearer")
    status, answer = control_plane.raw(
        "POST",
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"},
        as_="system:serviceaccount:default:bearer",
        headers={"Authorization": f"Bearer {token}"},
    )
    return status, answer["status"]["userInfo"] if status == 201 else {}
