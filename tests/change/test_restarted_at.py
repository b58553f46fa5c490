"""A restart is one change whatever its clock says, and the next restart is another one."""

from typing import Any

import pytest

from tests.change import make

KEY = "kubectl.kubernetes.io/restartedAt"


def deployment(*, at: Any = None, **annotations: str) -> dict[str, Any]:
    everything = annotations | ({} if at is None else {KEY: at})
    template = {"metadata": {"labels": {"a": "b"}, **({"annotations": everything} if everything else {})}}
    return {"metadata": {"name": "d", "uid": "u"}, "spec": {"template": template}}


def restart(old: Any, new: Any, **parts: Any) -> Any:
    return make.update(old, new, resource="apps/deployments", **parts)


def test_one_hash_whatever_the_clock_says() -> None:
    moments = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:01+02:00", "2026-01-01T00:00:00.123456789-11:30"]
    made = [restart(deployment(), deployment(at=moment)) for moment in moments]
    assert len({change.hash for change in made}) == 1
    assert make.replaced(made[0]) == {"/fields/0/to": {"path": "/fields/0/to", "as": "time"}}


def test_a_second_restart_is_a_change_and_another_one() -> None:
    first = restart(deployment(), deployment(at="2026-01-01T00:00:00Z"))
    second = restart(deployment(at="2026-01-01T00:00:00Z"), deployment(at="2026-01-02T00:00:00Z"))
    third = restart(deployment(at="2026-01-02T00:00:00Z"), deployment(at="2026-01-03T00:00:00Z"))
    assert not second.is_nothing
    assert len({first.hash, second.hash, third.hash}) == 3


def test_the_same_moment_again_is_no_change() -> None:
    again = deployment(at="2026-01-01T00:00:00Z")
    assert restart(again, again).is_nothing


def test_taking_it_away_is_another_change() -> None:
    change = restart(deployment(at="2026-01-01T00:00:00Z"), deployment())
    assert change.document["fields"] == [
        {"path": ["spec", "template", "metadata", "annotations", KEY], "from": "2026-01-01T00:00:00Z"}
    ]


SHOWN: dict[str, Any] = {
    "words": "now",
    "a date": "2026-01-01",
    "no zone": "2026-01-01T00:00:00",
    "a week": "2026-W01-1T00:00:00Z",
    "no colons": "2026-01-01T000000.000Z",
    "no such day": "2026-02-30T00:00:00Z",
    "a blank for the T": "2026-01-01 00:00:00Z",
    "words behind": "2026-01-01T00:00:00Z; rm",
    "a line feed behind": "2026-01-01T00:00:00Z\n",
    "digits that say something": "2026-01-01T00:00:00.0123456789012345Z",
    "seconds in the zone": "2026-01-01T00:00:00+01:00:01",
    "digits of another script": "2026-01-01T00:00:0\u0661Z",
    "a number": 1,
}


@pytest.mark.parametrize("value", SHOWN.values(), ids=SHOWN)
def test_what_is_no_moment_is_shown(value: Any) -> None:
    change = restart(deployment(x="y"), deployment(at=value, x="y"))
    assert change.document["fields"][0]["to"] == value
    assert change.document["replaced"] == []


def test_elsewhere_it_is_an_annotation_like_any_other() -> None:
    moments = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    assert len({make.create(deployment(at=moment), resource="apps/deployments").hash for moment in moments}) == 2
    outside = [make.annotated(deployment(), **{KEY: moment}) for moment in moments]
    assert len({restart(deployment(), new).hash for new in outside}) == 2
