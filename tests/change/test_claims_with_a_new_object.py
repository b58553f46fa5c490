"""The quick answer for a CREATE: whether its managedFields claim just what is in it."""

from typing import Any

import pytest

from kubeapprove.ownership import changed_ownership, claims_what_is_there
from tests.change import make
from tests.change.make import entry

OBJ: dict[str, Any] = {
    "metadata": {"name": "d"},
    "spec": {"list": [{"name": "a", "v": 1}, {"name": "b", "v": 2}, "odd"], "set": ["x"], "n": 1},
}
A, B = 'spec/list/k:{"name":"a"}', 'spec/list/k:{"name":"b"}'

THERE: dict[str, list[dict[str, Any]]] = {
    "nothing": [],
    "its own fields": [entry("agent", "spec/.", "spec/n", f"{A}/.", f"{A}/v", f"{B}/v")],
    "two entries of its own": [entry("agent", "spec/n"), entry("agent", "spec/list", subresource="status")],
}
NOT_THERE: dict[str, list[dict[str, Any]]] = {
    "another manager": [entry("agent", "spec/n"), entry("flux", "spec/n")],
    "a field": [entry("agent", "spec/z")],
    "a field of what is no map": [entry("agent", "spec/n/z")],
    "an item": [entry("agent", f"{A}/.", 'spec/list/k:{"name":"z"}/.')],
    "an item by a key that none has": [entry("agent", 'spec/list/k:{"z":1}/.')],
    "an item of what is no list": [entry("agent", 'spec/n/k:{"name":"a"}/.')],
    "a step that is not looked at here": [entry("agent", 'spec/set/v:"x"')],
    "keys that are no map": [entry("agent", "spec/list/k:[1]/.")],
    "no tree": [{"manager": "agent"}],
    "no one manager": [{"manager": ["agent"], "fieldsV1": {}}],
}


@pytest.mark.parametrize("entries", THERE.values(), ids=THERE)
def test_there(entries: list[dict[str, Any]]) -> None:
    obj = make.owned(OBJ, *entries)
    assert claims_what_is_there(obj, "agent")
    assert claims_what_is_there(obj, "")
    assert changed_ownership({}, obj, "agent") == []


@pytest.mark.parametrize("entries", NOT_THERE.values(), ids=NOT_THERE)
def test_not_there(entries: list[dict[str, Any]]) -> None:
    assert not claims_what_is_there(make.owned(OBJ, *entries), "agent")


def test_a_member_of_a_set_is_found_by_the_longer_way() -> None:
    assert "ownership" not in make.create(make.owned(OBJ, entry("agent", 'spec/set/v:"x"'))).document


def test_somebody_elses_name_is_not_its_own() -> None:
    assert not claims_what_is_there(make.owned(OBJ, entry("flux", "spec/n")), "agent")
