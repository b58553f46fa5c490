"""A text too long to be read is bound by its digest, marked as cut, and shown by its beginning (C051)."""

import hashlib

import pytest

from kubeapprove.replaced import HEAD, MAX_FROM, MAX_TO
from tests.change import make


def test_a_config_map_with_200_kib() -> None:
    text = "x" * 200 * 1024
    change = make.create(make.config_map(a=text))
    assert change.cut == ("/object/data/a",)
    assert make.replaced(change)["/object/data/a"] == {
        "path": "/object/data/a",
        "as": "text",
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "length": len(text),
        "head": "x" * HEAD,
    }
    assert change.document["object"]["data"]["a"] is None
    assert change.hash != make.create(make.config_map(a=text[:-1] + "y")).hash


BOUNDS = {"ASCII": "x", "two bytes each": "é", "four bytes each": "😀"}


@pytest.mark.parametrize("character", BOUNDS.values(), ids=BOUNDS)
def test_the_bound_counts_bytes(character: str) -> None:
    fits = character * (MAX_TO // len(character.encode()))
    assert make.create(make.config_map(a=fits)).cut == ()
    assert make.create(make.config_map(a=fits + "x")).cut == ("/object/data/a",)


def test_a_character_is_never_halved() -> None:
    change = make.create(make.config_map(a="x" + "😀" * MAX_TO))
    head = make.replaced(change)["/object/data/a"]["head"]
    assert head == "x" + "😀" * ((HEAD - 1) // 4)


def test_what_goes_is_cut_sooner_and_is_no_cut_of_the_change() -> None:
    change = make.update(make.config_map(a="x" * (MAX_FROM + 1)), make.config_map(a="y" * (MAX_FROM + 1)))
    assert list(make.replaced(change)) == ["/fields/0/from"]
    assert change.cut == ()
    assert change.document["fields"][0]["to"] == "y" * (MAX_FROM + 1)


def test_what_comes_in_an_update_is_cut_too() -> None:
    change = make.update(make.config_map(), make.config_map(**{"a/b~c": "x" * (MAX_TO + 1)}))
    assert change.cut == ("/fields/0/to",)


def test_a_pointer_escapes_slash_and_tilde() -> None:
    assert make.create(make.config_map(**{"a/b~c": "x" * (MAX_TO + 1)})).cut == ("/object/data/a~1b~0c",)


def test_a_change_that_an_approval_cannot_hold_is_too_large() -> None:
    assert not make.create(make.config_map(**{f"k{index}": "x" * 100_000 for index in range(10)})).is_too_large
    assert make.create(make.config_map(**{f"k{index}": "x" * 100_000 for index in range(11)})).is_too_large
    # JSON in JSON: each of these is a line of its own, with its line feed and its indentation.
    assert make.create(make.config_map() | {"spec": [0] * 120_000}).is_too_large
