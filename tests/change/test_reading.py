"""A request is read strictly: what a verdict needs is there and of its type, or the request is unreadable."""

from typing import Any

import pytest

from kubeapprove.change import read_document, render
from kubeapprove.request import Operation, read_request, read_review
from kubeapprove.strictjson import MAX_DEPTH, UnreadableError
from tests.change import make

GOOD = make.raw_request("UPDATE", {"metadata": {}}, {"metadata": {}}, options={"fieldManager": "m"}, dryRun=True)

BAD: dict[str, dict[str, Any]] = {
    "no operation": {"operation": None},
    "an unknown operation": {"operation": "PATCH"},
    "no resource": {"resource": None},
    "a resource that is a text": {"resource": "pods"},
    "a resource without its name": {"resource": {"group": "", "version": "v1"}},
    "a group that is no text": {"resource": {"group": 1, "version": "v1", "resource": "pods"}},
    "a requested resource that is a text": {"requestResource": "pods"},
    "a requested version that is no text": {"requestResource": {"version": 1}},
    "dryRun that is no boolean": {"dryRun": "yes"},
    "no uid": {"uid": ""},
    "a name that is no text": {"name": 1},
    "a namespace that is no text": {"namespace": ["team"]},
    "a subresource that is no text": {"subResource": {}},
    "no user": {"userInfo": None},
    "a username that is no text": {"userInfo": {"username": 1}},
    "groups that are no list": {"userInfo": {"username": "a", "groups": "g"}},
    "a group of a user that is no text": {"userInfo": {"username": "a", "groups": [1]}},
    "extra that is no map": {"userInfo": {"username": "a", "extra": ["x"]}},
    "extra whose values are no lists": {"userInfo": {"username": "a", "extra": {"k": "v"}}},
    "no new object": {"object": None},
    "no old object": {"oldObject": None},
    "an object that is a list": {"object": []},
    "metadata that is no map": {"object": {"metadata": "x"}},
    "metadata that is null": {"oldObject": {"metadata": None}},
    "options that are a text": {"options": "x"},
}


@pytest.mark.parametrize("part", BAD.values(), ids=BAD)
def test_unreadable(part: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        read_request({**GOOD, **part})


REVIEWS: dict[str, Any] = {
    "no object": [],
    "another version": {"apiVersion": "admission.k8s.io/v1beta1", "request": GOOD},
    "no version": {"request": GOOD},
    "no request": {"apiVersion": "admission.k8s.io/v1"},
    "a request that is a text": {"apiVersion": "admission.k8s.io/v1", "request": "x"},
}


@pytest.mark.parametrize("review", REVIEWS.values(), ids=REVIEWS)
def test_unreadable_review(review: Any) -> None:
    with pytest.raises(UnreadableError):
        read_review(review)


def test_read() -> None:
    request = read_review({"apiVersion": "admission.k8s.io/v1", "request": GOOD})
    assert request.operation is Operation.UPDATE
    assert request.dry_run
    assert request.field_manager == "m"
    assert request.requested_version == "v1"
    assert request.user.username == "agent"


ABSENT: dict[str, dict[str, Any]] = {
    "no options": {"options": None},
    "no manager": {"options": {}},
    "a manager that is no text": {"options": {"fieldManager": ["m"]}},
}


@pytest.mark.parametrize("part", ABSENT.values(), ids=ABSENT)
def test_no_field_manager(part: dict[str, Any]) -> None:
    assert read_request({**GOOD, **part}).field_manager == ""


def test_the_requested_version_is_kept_beside_the_matched_one() -> None:
    request = read_request({**GOOD, "requestResource": {"group": "", "version": "v2", "resource": "configmaps"}})
    assert (request.resource.version, request.requested_version) == ("v1", "v2")


def test_an_object_without_metadata() -> None:
    assert make.create({"data": {"a": "1"}}, name="x").document["object"] == {"data": {"a": "1"}}


def test_no_dry_run_by_default() -> None:
    assert not read_request({**GOOD, "dryRun": None}).dry_run


DOCUMENTS = {
    "no JSON": "x",
    "a list": "[]",
    "another version": '{"v":2}',
    "a key twice": '{"v":1,"v":1}',
    "half a surrogate": '{"v":1,"a":"\ud800"}',
    "half a surrogate, escaped": '{"v":1,"a":"\\ud800"}',
}


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS)
def test_no_document(text: str) -> None:
    with pytest.raises(UnreadableError):
        read_document(text)


def test_the_text_shows_every_odd_character() -> None:
    document = {"v": 1, "a": "é\t\x7f\x85\u2028😀\u202e"}
    text = render(document)
    assert '"a": "\\u00e9\\t\\u007f\\u0085\\u2028\\ud83d\\ude00\\u202e"' in text
    assert read_document(text) == document


def deep(levels: int) -> Any:
    value: Any = "x"
    for level in range(levels):
        value = [value] if level % 2 else {"name": value}
    return value


def test_as_deep_as_a_review_goes_everything_works() -> None:
    obj = {"metadata": {"name": "n"}, "spec": deep(MAX_DEPTH - 3)}
    make.create(make.applied(obj, {"spec": deep(MAX_DEPTH - 2)}), resource="services").text.encode()
    change = make.update({"metadata": {}}, obj)
    assert read_document(change.text) == change.document
    assert change.hash.startswith("sha256:")
    owned = make.owned({"metadata": {}}, make.entry("m", "/".join("x" * (MAX_DEPTH - 8))))
    assert len(make.update(owned, {"metadata": {}}).document["ownership"][0]["paths"][0]) == MAX_DEPTH - 8
