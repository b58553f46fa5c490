"""`when` reads change, object, oldObject and request; a condition that fails denies, whatever follows it."""

import pytest

from kubeapprove.request import Request
from kubeapprove.ruling import Policies
from tests.policies import scenes
from tests.policies.scenes import allows, policy, rule

OLD = scenes.thing(data={"k": "old"})
UPDATE = scenes.request("UPDATE", object={**OLD, "data": {"k": "new"}}, oldObject=OLD)
DELETE = scenes.request("DELETE", oldObject=OLD)

HOLD: dict[str, tuple[str, Request]] = {
    "the changed fields": ("change.fields.exists(f, f.path == ['data', 'k'] && f.to == 'new')", UPDATE),
    "the change's operation": ("change.operation == 'UPDATE'", UPDATE),
    "the new object": ("object.data.k == 'new'", UPDATE),
    "the old object": ("oldObject.data.k == 'old'", UPDATE),
    "no new object": ("object == null && oldObject.data.k == 'old'", DELETE),
    "no old object": ("oldObject == null", scenes.request()),
    "a connection's options": (
        "object.command == ['id'] && change.options.command[0] == 'id'",
        scenes.request("CONNECT", "pods/exec", object={"command": ["id"]}),
    ),
    "the request": (
        """request.operation == 'UPDATE' && request.resource.group == '' && request.resource.version == 'v1' &&
        request.resource.resource == 'configmaps' && request.subresource == '' && request.namespace == 'dev' &&
        request.name == 'a' && !request.dryRun""",
        UPDATE,
    ),
    "a subresource": ("request.subresource == 'scale'", scenes.request("UPDATE", "deployments/scale")),
    "a dry run": ("request.dryRun", scenes.request(dryRun=True)),
    "a collection's object by its name": ("request.name == 'a'", scenes.request("DELETE", name="", oldObject=OLD)),
    "who asks": (
        """request.userInfo.username == 'agent@ai' && request.userInfo.uid == 'u-agent' &&
        'agents' in request.userInfo.groups && request.userInfo.extra == {}""",
        UPDATE,
    ),
    "what a Namespace's review calls its namespace": (
        "request.namespace == 'x' && request.name == 'x'",
        scenes.request("UPDATE", "namespaces", name="x"),
    ),
}
FAIL: dict[str, str] = {
    "a field that is not there": "object.spec.replicas == 3",
    "a text as a number": "object.data.k + 1 == 2",
    "no boolean after all": "object.data.k",
}


@pytest.mark.parametrize("scenario", HOLD)
def test_it_reads(scenario: str) -> None:
    condition, request = HOLD[scenario]
    assert scenes.answer(request, policy(rule(when=condition))) == "Deny r"
    assert scenes.answer(request, policy(rule(when=f"!({condition})"))) == "RequireApproval -"


@pytest.mark.parametrize("scenario", FAIL)
def test_a_condition_that_fails_denies(scenario: str) -> None:
    found = scenes.ruling(UPDATE, policy(allows("a", when=FAIL[scenario]), allows("b")))
    assert str(found.action) == "Deny"
    assert found.sentence.startswith("policy p cannot judge this change and denies it: rule a, when: the condition ")
    assert "new" not in found.sentence


def test_so_it_does_beside_a_policy_that_allows() -> None:
    fails = policy(rule(when=FAIL["a field that is not there"]), name="fails")
    assert scenes.answer(UPDATE, policy(allows()), fails) == "Deny allows -"


def test_it_is_not_asked_where_the_rest_does_not_match() -> None:
    fails = rule(match={"operations": ["CREATE"]}, when=FAIL["a field that is not there"])
    assert scenes.answer(UPDATE, policy(fails)) == "RequireApproval -"


def test_it_is_not_asked_behind_a_rule_that_matches() -> None:
    fails = rule("b", when=FAIL["a field that is not there"])
    assert scenes.answer(UPDATE, policy(allows("a", match={"operations": ["UPDATE"]}), fails)) == "Allow a"


def test_an_observing_policy_whose_condition_fails_refuses_nothing() -> None:
    fails = policy(rule(when=FAIL["a field that is not there"]), mode="Observe")
    found = scenes.ruling(UPDATE, fails)
    assert (str(found.action), found.observed) == ("Deny", True)


def test_secrets_stay_hidden_in_the_change() -> None:
    """`object` shows a Secret's values to conditions; `change`, which is stored and shown, does not."""
    secret = scenes.request("CREATE", "secrets", object=scenes.thing("secrets", data={"k": "aGk="}))
    seen = policy(rule(when="object.data.k == 'aGk=' && change.object.data.k == null"))
    assert Policies([seen]).rule(scenes.question(secret)) is not None
    assert scenes.answer(secret, seen) == "Deny r"
