"""Whoever the fixture's OIDC issuer logs in is that person, with a prefix; what it did not sign is nobody."""

import dataclasses
import datetime as dt

import pytest
from joserfc.jwk import ECKey

from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.oidc import Issuer
from tests.cluster_fixture.whoami import bearer, whoami

pytestmark = pytest.mark.cluster


def test_name_and_groups_have_the_prefix(control_plane: ControlPlane) -> None:
    control_plane.oidc_identity("dana", groups=("approvers", "night shift"))
    user = whoami(control_plane, "oidc:dana")
    assert user["username"] == "oidc:dana"
    assert set(user["groups"]) == {"oidc:approvers", "oidc:night shift", "system:authenticated"}
    assert "uid" not in user


def test_requests_need_no_kubectl(control_plane: ControlPlane) -> None:
    control_plane.oidc_identity("erin")
    assert control_plane.raw("GET", "/api/v1/secrets", as_="oidc:erin")[0] == 403
    assert control_plane.raw("GET", "/version", as_="oidc:erin")[0] == 200


def test_uid_is_the_one_of_the_token(control_plane: ControlPlane) -> None:
    control_plane.oidc_identity("frank", uid="employee-7")
    user = whoami(control_plane, "oidc:frank")
    assert (user["uid"], user["groups"]) == ("employee-7", ["system:authenticated"])


def test_later_login_replaces_the_earlier_one(control_plane: ControlPlane) -> None:
    control_plane.oidc_identity("grace", groups=("people",))
    assert "oidc:people" in whoami(control_plane, "oidc:grace")["groups"]
    control_plane.oidc_identity("grace", groups=("approvers",))
    assert set(whoami(control_plane, "oidc:grace")["groups"]) == {"oidc:approvers", "system:authenticated"}


def test_names_of_others_give_none_of_their_rights(control_plane: ControlPlane) -> None:
    control_plane.oidc_identity("admin", groups=("system:masters",))
    assert control_plane.raw("GET", "/api/v1/secrets", as_="oidc:admin")[0] == 403


def test_good_token_is_accepted_before_any_is_refused(control_plane: ControlPlane) -> None:
    status, user = bearer(control_plane, control_plane.provider.oidc_token("heidi"))
    assert (status, user["username"]) == (201, "oidc:heidi")


@pytest.mark.parametrize("claimed", ["its own name", "the issuer's name"])
def test_foreign_key_is_refused_whatever_it_calls_itself(control_plane: ControlPlane, claimed: str) -> None:
    issuer = control_plane.provider.issuer
    kid = issuer.key.kid if claimed == "the issuer's name" else "another"
    assert kid is not None
    foreign = ECKey.generate_key("P-256", {"kid": kid})
    assert bearer(control_plane, Issuer(issuer.url, foreign).token("ivan"))[0] == 401


def test_issuer_that_nobody_trusts_is_refused(control_plane: ControlPlane) -> None:
    elsewhere = dataclasses.replace(control_plane.provider.issuer, url="https://issuer.example.com")
    assert bearer(control_plane, elsewhere.token("judy"))[0] == 401


def test_expired_token_is_refused(control_plane: ControlPlane) -> None:
    token = control_plane.provider.oidc_token("kim", lifetime=dt.timedelta(seconds=-2))
    assert bearer(control_plane, token)[0] == 401
