"""A session of an IAM role is who aws-iam-authenticator says it is at EKS."""

import datetime as dt

import pytest

from e2e.cluster import eks
from e2e.cluster.control_plane import ControlPlane
from tests.cluster_fixture.whoami import bearer, whoami

pytestmark = pytest.mark.cluster

ARN = "arn:aws:sts::111122223333:assumed-role/agent-role"


def test_session_has_all_that_eks_says(control_plane: ControlPlane) -> None:
    control_plane.eks_identity(role="agent-role", session="session-1", groups=("agents",))
    user = whoami(control_plane, f"{ARN}/session-1")
    principal = user["extra"]["principalId"][0]
    key = user["extra"]["accessKeyId"][0]
    assert (principal[:4], principal[-7:], len(principal)) == ("AROA", "EXAMPLE", 21)
    assert (key[:4], key[-7:], len(key)) == ("ASIA", "EXAMPLE", 20)
    assert user == {
        "username": f"{ARN}/session-1",
        "uid": f"aws-iam-authenticator:111122223333:{principal}",
        "groups": ["agents", "system:authenticated"],
        "extra": {
            "arn": [f"{ARN}/session-1"],
            "canonicalArn": ["arn:aws:iam::111122223333:role/agent-role"],
            "sessionName": ["session-1"],
            "accessKeyId": [key],
            "principalId": [principal],
        },
    }


def test_sessions_of_one_role_share_what_is_the_roles(control_plane: ControlPlane) -> None:
    users = []
    for session in ("one", "two"):
        control_plane.eks_identity(role="shared", session=session, username="mapped-agent")
        users.append(whoami(control_plane, eks.session_arn("shared", session)))
    one, two = users
    assert one["username"] == two["username"] == "mapped-agent"
    assert one["uid"] == two["uid"]
    differing = {key for key, values in one["extra"].items() if values != two["extra"][key]}
    assert differing == {"arn", "sessionName", "accessKeyId"}


def test_roles_differ_in_uid_and_canonical_arn(control_plane: ControlPlane) -> None:
    users = []
    for role in ("reader", "writer"):
        control_plane.eks_identity(role=role, session="same")
        users.append(whoami(control_plane, eks.session_arn(role, "same")))
    assert users[0]["uid"] != users[1]["uid"]
    assert [user["extra"]["canonicalArn"] for user in users] == [[eks.role_arn("reader")], [eks.role_arn("writer")]]


def test_at_sign_is_a_dash_in_the_username_only(control_plane: ControlPlane) -> None:
    control_plane.eks_identity(role="people", session="dana@example.com")
    user = whoami(control_plane, eks.session_arn("people", "dana@example.com"))
    assert user["username"] == eks.session_arn("people", "dana-example.com")
    assert user["extra"]["sessionName"] == ["dana@example.com"]


def test_made_token_is_accepted_before_any_is_refused(control_plane: ControlPlane) -> None:
    status, user = bearer(control_plane, control_plane.provider.eks_token("agent-role", "session-2"))
    assert (status, user["extra"]["sessionName"]) == (201, ["session-2"])


@pytest.mark.parametrize("token", [f"{eks.TOKEN_PREFIX}of-nobody", "nonsense", "../tokens"])
def test_unknown_token_is_refused(control_plane: ControlPlane, token: str) -> None:
    assert bearer(control_plane, token)[0] == 401


def test_expired_token_is_refused(control_plane: ControlPlane) -> None:
    token = control_plane.provider.eks_token("agent-role", "session-3", lifetime=dt.timedelta(seconds=-2))
    assert bearer(control_plane, token)[0] == 401
