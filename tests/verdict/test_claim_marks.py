"""A claim holds what its retry must still find: the object's version, and the generation where the change raises it."""

from typing import Any

import pytest

from kubeapprove.request import Request
from kubeapprove.resources import Claim
from kubeapprove.verdict import claim_for
from tests.verdict import scenes
from tests.verdict.scenes import NEW, NOW, OLD, with_metadata


def update(old: Any, new: Any) -> Request:
    return scenes.request(oldObject=with_metadata(OLD, **old), object=with_metadata(NEW, **new))


CASES: dict[str, tuple[Request, str, int | None]] = {
    "UPDATE": (scenes.request(), "41", None),
    "UPDATE that raises the generation": (update({"generation": 7}, {"generation": 8}), "41", 7),
    "UPDATE that leaves the generation": (update({"generation": 7}, {"generation": 7}), "41", None),
    "UPDATE whose new object has no generation": (update({"generation": 7}, {}), "41", None),
    "UPDATE whose generation is no number": (update({"generation": "7"}, {"generation": "8"}), "41", None),
    "DELETE": (scenes.delete(oldObject=with_metadata(OLD, generation=7)), "41", None),
    "CREATE": (scenes.create(object=with_metadata(NEW, generation=1)), "", None),
    "UPDATE of an object without metadata": (scenes.request(oldObject={}, object={}), "", None),
}


@pytest.mark.parametrize("name", CASES)
def test_mark(name: str) -> None:
    request, version, generation = CASES[name]
    expected = Claim(request_uid="request-1", at=NOW, object_version=version, generation=generation)
    assert claim_for(request, NOW) == expected
