"""Questions to the API server and requests that change nothing are allowed without an approval; nothing near them is."""

import pytest

from kubeapprove.reasons import Reason
from kubeapprove.request import Request
from kubeapprove.verdict import Action, Verdict, before_change, no_change
from tests.verdict import scenes
from tests.verdict.scenes import NEW, NOW, OLD, POLICIES, SETTINGS, asked, with_metadata


def question(group: str, plural: str, **fields: object) -> Request:
    resource = {"group": group, "version": "v1", "resource": plural}
    return scenes.create(**{"resource": resource, "name": "", "object": {"spec": {}}, **fields})


AUTHORIZATION, AUTHENTICATION = "authorization.k8s.io", "authentication.k8s.io"
REVIEWS: dict[str, Request] = {
    plural: question(group, plural)
    for group, plural in (
        (AUTHORIZATION, "localsubjectaccessreviews"),
        (AUTHORIZATION, "selfsubjectaccessreviews"),
        (AUTHORIZATION, "selfsubjectrulesreviews"),
        (AUTHORIZATION, "subjectaccessreviews"),
        (AUTHENTICATION, "selfsubjectreviews"),
        (AUTHENTICATION, "tokenreviews"),
    )
}
GO_ON: dict[str, Request] = {
    "a review's name in another group": question("x.io", "subjectaccessreviews"),
    "a review of the wrong of the two groups": question(AUTHENTICATION, "subjectaccessreviews"),
    "another kind of that group": question(AUTHORIZATION, "others"),
    "a review's subresource": question(AUTHORIZATION, "subjectaccessreviews", subResource="status"),
    "an update of a review": question(
        AUTHORIZATION, "subjectaccessreviews", operation="UPDATE", oldObject={"spec": {}}
    ),
    "anything else": scenes.request(),
    "a dry run is the caller's matter": scenes.request(dryRun=True),
}


@pytest.mark.parametrize("name", REVIEWS)
def test_a_review_stores_nothing(name: str) -> None:
    assert before_change(REVIEWS[name], SETTINGS, POLICIES, NOW) == Verdict(Action.ALLOW, Reason.STORES_NOTHING)


@pytest.mark.parametrize("name", GO_ON)
def test_is_judged_further(name: str) -> None:
    assert before_change(GO_ON[name], SETTINGS, POLICIES, NOW) is None


def test_no_change_is_allowed() -> None:
    request = scenes.request(object=with_metadata(OLD, resourceVersion="42", generation=2))
    assert no_change(request, asked(request).change) == Verdict(Action.ALLOW, Reason.NO_CHANGE)


def test_a_scale_that_shows_no_change_is_asked_for() -> None:
    """A Scale shows no managedFields: whose the number is may change unseen."""
    request = scenes.request(subResource="scale", object=OLD)
    assert no_change(request, asked(request).change) is None


def test_any_change_is_not() -> None:
    request = scenes.request(object=NEW)
    assert no_change(request, asked(request).change) is None


def test_a_delete_is_never_no_change() -> None:
    assert no_change(scenes.delete(), asked(scenes.delete()).change) is None
