"""Agents as they really log in: by certificate, OIDC, IAM role and the token of a Pod; each waits for a person of OIDC."""

from collections.abc import Callable
from typing import Any

import pytest

from e2e.cluster import eks
from tests.gate.asking import Answer, Place, asked, refusal
from tests.gate.policies import BOTS, BOUND_BOT, CERTIFICATE_AGENT, OIDC_AGENTS, OIDC_APPROVERS, ROLE_AGENT
from tests.gate.samples import KINDS, config_map

pytestmark = pytest.mark.cluster
PREFIX = "oidc:"
POD_NAME = "authentication.kubernetes.io/pod-name"
Login = tuple[str, dict[str, str]]


def by_certificate(place: Place) -> Login:
    place.cp.identity(CERTIFICATE_AGENT, [])
    return CERTIFICATE_AGENT, {}


def by_oidc(place: Place) -> Login:
    place.cp.oidc_identity("copilot", [OIDC_AGENTS.removeprefix(PREFIX)])
    return f"{PREFIX}copilot", {}


def by_iam_role(place: Place) -> Login:
    place.cp.eks_identity(ROLE_AGENT, "run-1", groups=["iam-agents"])
    return eks.session_arn(ROLE_AGENT, "run-1"), {}


def by_token_of_a_pod(place: Place) -> Login:
    place.cp.raw("POST", "/api/v1/namespaces", {"metadata": {"name": BOTS}})
    user = f"system:serviceaccount:{BOTS}:{BOUND_BOT}"
    place.cp.service_account(BOTS, BOUND_BOT)
    pod = KINDS["Pod"].named(place.namespace)
    Place(place.gated, BOTS).given("pods", {**pod, "spec": {**pod["spec"], "serviceAccountName": BOUND_BOT}})
    token = place.cp.pod_bound_token(BOTS, BOUND_BOT, place.namespace)
    return user, {"Authorization": f"Bearer {token}"}


LOGINS: dict[str, tuple[Callable[[Place], Login], Callable[[Place], dict[str, Any]]]] = {
    "certificate": (by_certificate, lambda _: {"username": CERTIFICATE_AGENT}),
    "OIDC": (by_oidc, lambda _: {"username": f"{PREFIX}copilot"}),
    "IAM role": (by_iam_role, lambda _: {"canonicalArn": [eks.role_arn(ROLE_AGENT)], "sessionName": ["run-1"]}),
    "token of a Pod": (by_token_of_a_pod, lambda place: {POD_NAME: [place.namespace]}),
}


def ask(place: Place, login: Login) -> Answer:
    return place.cp.raw("POST", place.path("configmaps"), config_map(), as_=login[0], headers=login[1])


@pytest.mark.parametrize(("log_in", "shown"), LOGINS.values(), ids=LOGINS.keys())
def test_refused_approved_let_through(
    place: Place, log_in: Callable[[Place], Login], shown: Callable[[Place], dict[str, Any]]
) -> None:
    login = log_in(place)
    waiting = asked(ask(place, login))
    requester = place.approval(waiting)["spec"]["requester"]
    told = {"username": requester["username"], **requester["extra"]}
    assert {key: told.get(key) for key in shown(place)} == shown(place)
    # Another login's approval does not do: the policy asks for people of this group, as their tokens claim it.
    place.approve(waiting)
    refused = refusal(ask(place, login))
    assert (refused.reason, f"by group {OIDC_APPROVERS} " in refused.message) == ("RequirementUnmet", True)
    place.cp.oidc_identity("dana", ["approvers"])
    assert place.decide(waiting, as_=f"{PREFIX}dana", key="dana")[0] == 200
    assert ask(place, login)[0] == 201
    assert place.approval(waiting)["spec"]["decisions"]["dana"]["groups"][0] == OIDC_APPROVERS


def test_two_sessions_of_the_role_are_one_requester(place: Place) -> None:
    waiting = asked(ask(place, by_iam_role(place)))
    place.cp.eks_identity(ROLE_AGENT, "run-2", groups=["iam-agents"])
    another = eks.session_arn(ROLE_AGENT, "run-2"), dict[str, str]()
    assert asked(ask(place, another)).approval == waiting.approval


def test_another_session_of_the_role_does_not_decide(place: Place) -> None:
    waiting = asked(ask(place, by_iam_role(place)))
    place.cp.eks_identity(ROLE_AGENT, "run-3", groups=["approvers"])
    refused = refusal(place.decide(waiting, as_=eks.session_arn(ROLE_AGENT, "run-3"), key="me"))
    assert refused.reason in {"NeverAllowed", "NotADecider"}
