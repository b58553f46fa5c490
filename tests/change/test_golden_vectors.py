"""Recorded requests of a real API server make the very documents and hashes that are kept as files.

A vector `changes/NAME.json` is {"hash", "document"} of the recording `reviews/NAME.json`: `make.recorded_change(NAME)`
(its cluster uid and its HMAC key are fixed), written with `json.dumps(vector, indent=1, sort_keys=True)`. The document
is wire format: a vector that changes voids every open approval, so it changes only with `v`.
"""

import json

import pytest

from tests.change import make

RECORDED = sorted(path.stem for path in (make.ASSETS / "reviews").glob("*-validating-*.json"))


@pytest.mark.parametrize("name", RECORDED)
def test_vector(name: str) -> None:
    vector = json.loads((make.ASSETS / "changes" / f"{name}.json").read_text())
    change = make.recorded_change(name)
    assert change.document == vector["document"]
    assert change.hash == vector["hash"]


def test_every_vector_has_its_recording() -> None:
    assert sorted(path.stem for path in (make.ASSETS / "changes").iterdir()) == RECORDED


RETRIES = {
    "dry run, then real": ["012-validating-CREATE-configmaps", "014-validating-CREATE-configmaps"],
    "one forced deletion, three calls": [f"{number}-validating-DELETE-pods" for number in ("034", "036", "038")],
}


@pytest.mark.parametrize("names", RETRIES.values(), ids=RETRIES)
def test_retries_share_a_hash(names: list[str]) -> None:
    assert len({make.recorded_change(name).hash for name in names}) == 1


NOTHING = {"016": False, "018": True, "020": True, "022": True, "030": False}


@pytest.mark.parametrize(("number", "is_nothing"), NOTHING.items(), ids=NOTHING)
def test_of_one_server_side_apply_one_patch_changes_something(number: str, is_nothing: bool) -> None:
    assert make.recorded_change(f"{number}-validating-UPDATE-configmaps").is_nothing == is_nothing


def test_all_others_are_distinct() -> None:
    retries = {name for names in RETRIES.values() for name in names[1:]}
    changes = [make.recorded_change(name) for name in RECORDED if name not in retries]
    hashes = [change.hash for change in changes if not change.is_nothing]
    assert len(set(hashes)) == len(hashes) > 10
