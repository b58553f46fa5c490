"""The changed fields turn the old object into the new one, and there are none where nothing changed."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeapprove.canonical import digest, same
from kubeapprove.fields import apply_fields, changed_fields
from tests.change import make

PAIRS = st.tuples(make.OBJECTS, make.OBJECTS) | make.OBJECTS.map(lambda value: (value, value))


@make.FEW
@given(PAIRS)
def test_lossless(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    old, new = pair
    assert same(apply_fields(old, changed_fields(old, new)), new)


@make.FEW
@given(PAIRS)
def test_no_fields_only_where_nothing_changed(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    old, new = pair
    assert (changed_fields(old, new) == []) == same(old, new)


def shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    return [shuffled(item, chance) for item in value] if isinstance(value, list) else value


@make.FEW
@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_keys_never_matters(pair: tuple[dict[str, Any], dict[str, Any]], chance: random.Random) -> None:
    old, new = pair
    assert changed_fields(shuffled(old, chance), shuffled(new, chance)) == changed_fields(old, new)


NAMED = [{"name": "a", "v": 1}, {"name": "b"}]
CASES: dict[str, tuple[Any, Any, list[dict[str, Any]]]] = {
    "a value": ({"a": 1}, {"a": 2}, [{"path": ["a"], "from": 1, "to": 2}]),
    "a value comes": ({}, {"a": None}, [{"path": ["a"], "to": None}]),
    "a value goes": ({"a": 0}, {}, [{"path": ["a"], "from": 0}]),
    "a map comes, as its leaves": ({}, {"m": {"a": {"b": 1}}}, [{"path": ["m", "a", "b"], "to": 1}]),
    "a map goes, as its leaves": ({"m": {"a": 1}}, {}, [{"path": ["m", "a"], "from": 1}]),
    "a map left empty": ({"m": {"a": 1}}, {"m": {}}, [{"path": ["m", "a"], "from": 1}, {"path": ["m"], "to": {}}]),
    "an empty map comes": ({}, {"m": {}}, [{"path": ["m"], "to": {}}]),
    "an empty map goes": ({"m": {}}, {}, [{"path": ["m"], "from": {}}]),
    "a map for null": ({"m": None}, {"m": {"a": 1}}, [{"path": ["m"], "from": None, "to": {"a": 1}}]),
    "an item's value": (
        {"l": NAMED},
        {"l": [{"name": "a", "v": 2}, {"name": "b"}]},
        [{"path": ["l", {"name": "a"}, "v"], "from": 1, "to": 2}],
    ),
    "an item goes, whole": ({"l": NAMED}, {"l": [{"name": "b"}]}, [{"path": ["l", {"name": "a"}], "from": NAMED[0]}]),
    "an item comes at the end": (
        {"l": [{"name": "b"}]},
        {"l": [{"name": "b"}, {"name": "a"}]},
        [{"path": ["l", {"name": "a"}], "to": {"name": "a"}}],
    ),
    "an item comes before": (
        {"l": [{"name": "b"}]},
        {"l": [{"name": "a"}, {"name": "b"}]},
        [{"path": ["l", {"name": "a"}], "to": {"name": "a"}}, {"path": ["l"], "order": ["a", "b"]}],
    ),
    "items swapped": ({"l": NAMED}, {"l": NAMED[::-1]}, [{"path": ["l"], "order": ["b", "a"]}]),
    "the first item": ({"l": []}, {"l": [{"name": "b"}]}, [{"path": ["l", {"name": "b"}], "to": {"name": "b"}}]),
    "the last item": ({"l": [{"name": "b"}]}, {"l": []}, [{"path": ["l", {"name": "b"}], "from": {"name": "b"}}]),
    "a name twice makes the list one value": (
        {"l": NAMED},
        {"l": [*NAMED, {"name": "a"}]},
        [{"path": ["l"], "from": NAMED, "to": [*NAMED, {"name": "a"}]}],
    ),
    "a name that is no text": (
        {"l": NAMED},
        {"l": [{"name": 1}]},
        [{"path": ["l"], "from": NAMED, "to": [{"name": 1}]}],
    ),
    "a list of scalars": ({"l": [1, 2]}, {"l": [2]}, [{"path": ["l"], "from": [1, 2], "to": [2]}]),
    "a list for a map": ({"l": {"a": 1}}, {"l": []}, [{"path": ["l"], "from": {"a": 1}, "to": []}]),
    "true is not 1": ({"a": True}, {"a": 1}, [{"path": ["a"], "from": True, "to": 1}]),
}


@pytest.mark.parametrize(("old", "new", "fields"), CASES.values(), ids=CASES)
def test_written_as(old: Any, new: Any, fields: list[dict[str, Any]]) -> None:
    old, new = {"k": 0} | old, {"k": 0} | new
    assert changed_fields(old, new) == fields
    assert same(apply_fields(old, fields), new)


def test_everything_goes() -> None:
    assert apply_fields({"a": 1}, changed_fields({"a": 1}, {})) == {}


ALIKE: dict[str, tuple[Any, Any]] = {
    "a key with a dot": ({"a.b": 1}, {"a": {"b": 1}}),
    "a key with a slash": ({"a/b": 1}, {"a": {"b": 1}}),
    "a key and an item's name": ({"l": {"x": {"name": "x"}}}, {"l": [{"name": "x"}]}),
    "a tilde and its escape": ({"a~1b": 1}, {"a/b": 1}),
    "normal forms": ({"é": 1}, {"e\u0301": 1}),
    "nothing and null": ({}, {"a": None}),
    "null and an empty text": ({"a": None}, {"a": ""}),
    "an empty map and an empty list": ({"a": {}}, {"a": []}),
    "zero and false": ({"a": 0}, {"a": False}),
}


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_what_looks_alike_is_told_apart(one: Any, other: Any) -> None:
    old: dict[str, Any] = {"l": []} if "l" in one else {}
    assert digest(changed_fields(old, one)) != digest(changed_fields(old, other))
