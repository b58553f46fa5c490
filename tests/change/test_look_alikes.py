"""What a person or another parser might take for the same is another change (C042 to C048)."""

import copy
from typing import Any

import pytest

from tests.change import make

INTEGERS = [2**53, 2**53 + 1, 2**53 - 1, 2**63 - 1, -(2**53), -(2**53) - 1, -(2**53) + 1, -(2**63), 0, 1, 10**40]


def test_c042_every_integer_is_exact() -> None:
    changes = {number: make.create(make.config_map(n=number)) for number in INTEGERS}
    assert len({change.hash for change in changes.values()}) == len(INTEGERS)
    for number, change in changes.items():
        assert str(number) in change.text
        if abs(number) >= 2**53:
            assert make.replaced(change)["/object/data/n"]["digits"] == str(number)


def test_c042_an_integer_and_its_digits_as_text() -> None:
    assert make.create(make.config_map(n=2**53)).hash != make.create(make.config_map(n=str(2**53))).hash


def test_c042_changed_from_and_to() -> None:
    change = make.update(make.config_map(n=2**53), make.config_map(n=2**53 + 1))
    assert [entry["digits"] for entry in change.document["replaced"]] == ["9007199254740992", "9007199254740993"]


PAIRS: dict[str, tuple[Any, Any]] = {
    "c043 no rule and the rule that allows all": ({"ingress": []}, {"ingress": [{}]}),
    "c043 no rules and no list": ({"ingress": []}, {}),
    "c043 an empty securityContext": ({"securityContext": {}}, {}),
    "c043 null and absent": ({"a": None}, {}),
    "c043 an empty text and absent": ({"a": ""}, {}),
    "c043 null and an empty text": ({"a": None}, {"a": ""}),
    "c043 zero and false": ({"a": 0}, {"a": False}),
    "c043 one and true, in a list": ({"a": [1]}, {"a": [True]}),
    "c044 privileged in another container": (
        {"containers": [{"name": "a", "privileged": True}, {"name": "b"}]},
        {"containers": [{"name": "a"}, {"name": "b", "privileged": True}]},
    ),
    "c044 containers in another order": (
        {"containers": [{"name": "a"}, {"name": "b"}]},
        {"containers": [{"name": "b"}, {"name": "a"}]},
    ),
    "c044 env in another order": (
        {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "$(A)"}]},
        {"env": [{"name": "B", "value": "$(A)"}, {"name": "A", "value": "1"}]},
    ),
    "c044 arguments in another order": ({"args": ["a", "b"]}, {"args": ["b", "a"]}),
    "c045 a dot": ({"a.b": 1}, {"a": {"b": 1}}),
    "c045 a slash": ({"a/b": 1}, {"a": {"b": 1}}),
    "c045 a tilde": ({"a~1b": 1}, {"a/b": 1}),
    "c045 normal forms of a key": ({"é": 1}, {"e\u0301": 1}),
    "c045 normal forms of a value": ({"a": "é"}, {"a": "e\u0301"}),
    "c045 an emoji and its surrogates as text": ({"a": "😀"}, {"a": "\\ud83d\\ude00"}),
    "c045 a zero-width space": ({"a": "b"}, {"a": "b\u200b"}),
    "c045 a Cyrillic letter": ({"a": "a"}, {"a": "\u0430"}),
    "c046 a key that begins like namespace": ({"namespace-x": "a"}, {"namespace-x": "b"}),
    "c046 a key that begins like status": ({"statusUrl": "a"}, {"statusUrl": "b"}),
    "c046 keys like those left out, elsewhere": (
        {"resourceVersion": "1", "uid": "a"},
        {"resourceVersion": "2", "uid": "b"},
    ),
    "c048 a time that YAML would make a number": ({"a": "12:30"}, {"a": 750}),
    "c048 a no that YAML would make false": ({"a": "no"}, {"a": False}),
    "c048 an octal number": ({"a": "010"}, {"a": 8}),
    "c048 a date": ({"a": "2026-01-01"}, {"a": "2026-01-01T00:00:00Z"}),
}


@pytest.mark.parametrize("where", ["spec", "status"])
@pytest.mark.parametrize(("one", "other"), PAIRS.values(), ids=PAIRS)
def test_another_change(where: str, one: Any, other: Any) -> None:
    first, second = ({"metadata": {"name": "x", "uid": "u"}, where: body} for body in (one, other))
    assert make.create(first).hash != make.create(second).hash
    assert not make.update(first, second).is_nothing
    assert not make.update(second, first).is_nothing
    assert make.update(first, second).hash != make.update(second, first).hash
    empty: dict[str, Any] = {"metadata": {"name": "x", "uid": "u"}, where: {"env": [], "containers": []}}
    assert make.update(empty, first).hash != make.update(empty, second).hash


METADATA: dict[str, dict[str, Any]] = {
    "an annotation": {"annotations": {"namespace-x": "y"}},
    "a label": {"labels": {"a": "b"}},
    "a finalizer": {"finalizers": ["example.com/f"]},
    "an owner": {"ownerReferences": [{"uid": "o"}]},
    "another namespace": {"namespace": "other"},
    "a key yet unknown": {"new": 1},
}


@pytest.mark.parametrize("metadata", METADATA.values(), ids=METADATA)
def test_c046_metadata_counts(metadata: dict[str, Any]) -> None:
    plain = make.config_map(a="1")
    other = copy.deepcopy(plain)
    other["metadata"] |= metadata
    assert make.create(plain).hash != make.create(other).hash
    assert not make.update(plain, other).is_nothing


@pytest.mark.parametrize("text", ["12:30", "no", "010", "2026-01-01", "0x1F", "1e3", "~", "null"])
def test_c048_what_the_api_server_sends_is_what_is_shown(text: str) -> None:
    assert make.create(make.config_map(a=text)).document["object"]["data"] == {"a": text}


def test_absent_and_empty_annotations_beside_an_annotation_that_is_left_out() -> None:
    without = make.config_map(a="1")
    empty = make.annotated(without)
    assert make.create(empty).hash != make.create(without).hash
