"""C069, C075: an approval is of one change by one requester; replayed anywhere else it counts for nothing."""

from typing import Any

import pytest

from kubeapprove.change import render
from kubeapprove.identity import UserInfo
from kubeapprove.resources import Phase
from kubeapprove.verdict import Action, Asked
from tests.verdict import scenes
from tests.verdict.scenes import NEW, OLD, approval, asked, decision, judge, with_metadata

ELSEWHERE = {"namespace": "other"}
REPLAYED: dict[str, Asked] = {
    "another namespace": asked(
        scenes.request(**ELSEWHERE, object=with_metadata(NEW, **ELSEWHERE), oldObject=with_metadata(OLD, **ELSEWHERE))
    ),
    "another name": asked(
        scenes.request(name="b", object=with_metadata(NEW, name="b"), oldObject=with_metadata(OLD, name="b"))
    ),
    "another uid: recreated (C072)": asked(
        scenes.request(object=with_metadata(NEW, uid="2"), oldObject=with_metadata(OLD, uid="2"))
    ),
    "another cluster": asked(cluster="cluster-2"),
    "another user": asked(scenes.request(user=UserInfo("other-agent", "u-agent", ("agents",)))),
    "the user in other letters": asked(scenes.request(user=UserInfo("Agent@ai", "u-agent", ("agents",)))),
    "another verb": asked(scenes.create()),
    "deleted instead": asked(scenes.delete()),
    "another subresource": asked(scenes.request(subResource="status")),
    "another resource": asked(scenes.request(resource={"group": "", "version": "v1", "resource": "secrets"})),
    "another group": asked(scenes.request(resource={"group": "x.io", "version": "v1", "resource": "configmaps"})),
    "another version": asked(scenes.request(resource={"group": "", "version": "v2", "resource": "configmaps"})),
    "another value": asked(scenes.request(object={**NEW, "data": {"k": "newer"}})),
    "the same field changed since (C072)": asked(scenes.request(oldObject={**OLD, "data": {"k": "older"}})),
}


@pytest.mark.parametrize("name", REPLAYED)
def test_replayed_elsewhere_it_is_asked_for(name: str) -> None:
    verdict = judge(REPLAYED[name], approval(asked(), decision()))
    assert (verdict.action, verdict.ended) == (Action.ASK, Phase.INVALID)


def test_another_field_changed_since_passes() -> None:
    """C072: somebody else's change beside it does not void the approval."""
    label = {"labels": {"team": "a"}}
    now = asked(scenes.request(object=with_metadata(NEW, **label), oldObject=with_metadata(OLD, **label)))
    assert judge(now, approval(asked(), decision())).action is Action.CLAIM


OTHER_DOCUMENT = {**asked().change.document, "name": "b"}
EDITED: dict[str, dict[str, Any]] = {
    "hash of another": {"manifestHash": "sha256:" + "0" * 64},
    "text of another": {"change": render(OTHER_DOCUMENT)},
    "text that is not JSON": {"change": "{]"},
    "text with a key twice": {"change": '{"v": 1, ' + asked().change.text[1:]},
    "text of another version": {"change": asked().change.text.replace('"v": 1', '"v": 2')},
    "text that has no canonical form": {"change": '{"v": 1, "n": 9007199254740993}'},
    "text that is no object": {"change": "[]"},
    "requester of another": {"requester": {"username": "someone", "uid": "u-agent"}},
}


@pytest.mark.parametrize("name", EDITED)
def test_edited_it_is_asked_for_again(name: str) -> None:
    verdict = judge(asked(), approval(asked(), decision(), **EDITED[name]))
    assert (verdict.action, verdict.ended) == (Action.ASK, Phase.INVALID)


def test_the_same_document_in_another_notation_is_the_same_change() -> None:
    compact = asked().change.text.replace("\n", "").replace("  ", "")
    assert compact != asked().change.text
    assert judge(asked(), approval(asked(), decision(), change=compact)).action is Action.CLAIM


def test_two_sessions_of_one_role_are_one_requester() -> None:
    role = {"canonicalArn": ("arn:aws:iam::111122223333:role/agent",)}
    first, second = (asked(scenes.request(user=UserInfo(name, "", ("agents",), role))) for name in ("s-1", "s-2"))
    assert judge(second, approval(first, decision())).action is Action.CLAIM
