"""Whether the annotation `last-applied-configuration` tells the truth about the change."""

import json
from typing import Any

from tests.judge.text.values import ABSENT, LAST_APPLIED, Place, get, leaves, parsed, same

ANNOTATIONS: Place = ("metadata", "annotations")
ANNOTATION: Place = (*ANNOTATIONS, LAST_APPLIED)


def is_true_of_new(obj: Any) -> bool:
    """On CREATE while each of its leaves is in the object."""
    manifest = _manifest(get(obj, ANNOTATION))
    return manifest is not ABSENT and all(_is_in(obj, place, value) for place, value in leaves(manifest))


def is_true_of_update(old: Any, new: Any) -> bool:
    """Each leaf that is new in it is set by this change, each that went from it is absent from the new object."""
    was, says = (_said(get(obj, ANNOTATION)) for obj in (old, new))
    if was is ABSENT or says is ABSENT:
        return False
    comes = [(place, value) for place, value in leaves(says) if not same(get(was, place), value)]
    goes = [place for place, value in leaves(was) if get(says, place) is ABSENT and not _is_no_time(place, value)]
    return all(_is_set(old, new, place, value) for place, value in comes) and all(
        not _is_there(new, place) or place == ANNOTATIONS for place in goes
    )


def _said(text: Any) -> Any:
    """Return what an annotation says, nothing where there is none, ABSENT where it cannot be read."""
    return {} if text is ABSENT else _manifest(text)


def _manifest(text: Any) -> Any:
    """An annotation that is longer than kubectl writes it is untruthful."""
    manifest = parsed(text)
    return manifest if isinstance(manifest, dict) and len(text) <= len(_as_kubectl_writes(manifest)) else ABSENT


def _as_kubectl_writes(manifest: Any) -> str:
    """Compact, `<`, `>` and `&` escaped, with a line end."""
    text = json.dumps(manifest, separators=(",", ":"), ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text + "\n"


def _is_in(obj: Any, place: Place, value: Any) -> bool:
    """`creationTimestamp: null` in a `metadata` that is there without one, an empty map where a map is."""
    found = get(obj, place)
    if _is_no_time(place, value) and found is ABSENT:
        return isinstance(get(obj, place[:-1]), dict)
    return isinstance(found, dict) if value == {} else same(found, value)


def _is_no_time(place: Place, value: Any) -> bool:
    return value is None and place[-2:] == ("metadata", "creationTimestamp")


def _is_set(old: Any, new: Any, place: Place, value: Any) -> bool:
    return _is_in(new, place, value) and not _is_in(old, place, value)


def _is_there(obj: Any, place: Place) -> bool:
    """Whether anything stands there, be it in a list whose names are no longer unique."""
    if not place:
        return True
    step, below = place[0], place[1:]
    if isinstance(step, tuple):
        items = obj if isinstance(obj, list) else []
        return any(isinstance(item, dict) and item.get("name") == step[0] and _is_there(item, below) for item in items)
    found = get(obj, (step,))
    return found is not ABSENT and _is_there(found, below)
