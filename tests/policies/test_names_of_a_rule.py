"""`names` are those of objects, literally; of a collection's DELETE and of a generated name too, where there is one."""

import pytest

from kubeapprove.request import Request
from kubeapprove.ruling import Question, why_not
from tests.policies import scenes

POLICY = scenes.policy(scenes.rule(match={"names": ["web", "web-"]}))
MATCHED: dict[str, Request] = {
    "the object": scenes.request("UPDATE", name="web"),
    "a collection's DELETE: the review has no name, its object has": scenes.request(
        "DELETE", name="", oldObject=scenes.thing(name="web")
    ),
    "a CREATE whose review has no name": scenes.request(name="", object=scenes.thing(name="web")),
    "a subresource": scenes.request("CREATE", "pods/eviction", name="web", object={"metadata": {"name": "other"}}),
    "a Namespace": scenes.request("UPDATE", "namespaces", name="web"),
    "a connection": scenes.request("CONNECT", "pods/exec", name="web", object={"command": ["id"]}),
}
NOT_MATCHED: dict[str, Request] = {
    "another object": scenes.request("UPDATE", name="web2"),
    "a part of the name": scenes.request("UPDATE", name="we"),
    "another object of a collection": scenes.request("DELETE", name="", oldObject=scenes.thing(name="other")),
    "a generated name": scenes.request(
        name="web-x7k2p", object={"metadata": {"name": "web-x7k2p", "generateName": "web-"}}
    ),
    "a name that is still to be generated": scenes.request(name="", object={"metadata": {"generateName": "web-"}}),
    "a connection to nothing named": scenes.request("CONNECT", "pods/exec", name="", object={"command": ["id"]}),
}


@pytest.mark.parametrize("scenario", MATCHED)
def test_matched(scenario: str) -> None:
    assert scenes.answer(MATCHED[scenario], POLICY) == "Deny r"


@pytest.mark.parametrize("scenario", NOT_MATCHED)
def test_not_matched(scenario: str) -> None:
    assert scenes.answer(NOT_MATCHED[scenario], POLICY) == "RequireApproval -"


@pytest.mark.parametrize("name", [7, None, ["web"]], ids=str)
def test_a_name_that_is_no_text_is_none(name: object) -> None:
    """Nothing that a change can be made of, but a rule must not trip over it."""
    request = scenes.request(name="", object={"metadata": {"name": name}})
    (rule,) = POLICY.rules
    assert why_not(rule, Question(request, {})) == "names"
