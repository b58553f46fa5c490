"""Values arrive as they are or not at all: what the library would misread is refused."""

import pytest

from kubeapprove.cel import CelError
from kubeapprove.strictjson import MAX_DEPTH
from tests.cel.make import holds

SAME: dict[str, tuple[str, object]] = {
    "the largest int64": ("object.a == 9223372036854775807", 2**63 - 1),
    "the smallest int64": ("object.a == -9223372036854775807 - 1", -(2**63)),
    "beyond int64 it is a uint": ("object.a == 9223372036854775808u && object.a > 1", 2**63),
    "the largest of 64 bits": ("object.a == 18446744073709551615u", 2**64 - 1),
    "1.0 is 1": ("object.a == 1", 1.0),
    "a float": ("object.a == 1.5", 1.5),
    "true is not 1": ("object.a != 1", True),
    "null is not false": ("object.a == null && object.a != false", None),
    "letters beyond ASCII": ("object.a == 'é😀' && size(object.a) == 2", "é😀"),
    "no normal form": ("object.a != 'é'", "e\u0301"),
    "empty things differ": ("object.a != [] && object.a == {}", {}),
    "a backslash before u0000": (r"object.a == '\\u0000'", "\\u0000"),
}


@pytest.mark.parametrize(("text", "value"), SAME.values(), ids=SAME)
def test_as_it_is(text: str, value: object) -> None:
    assert holds(text, {"a": value})


REFUSED: dict[str, object] = {
    "a NUL that would end the string": "x\0y",
    "a NUL after a backslash": "\\\0",
    "a NUL in a key": {"a\0b": 1},
    "beyond 64 bits": 2**64,
    "beyond 64 bits, negative": -(2**63) - 1,
    "half a surrogate pair": "\ud800",
    "half a surrogate pair in a key": {"\udfff": 1},
    "no JSON": {1, 2},
}


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("text", ["object.a == 'x'", "object.b == 1", ".object.b == 1", "true || object.b == 1"])
def test_refused_wherever_it_stands(text: str, value: object) -> None:
    with pytest.raises(CelError, match="object holds"):
        holds(text, {"a": value, "b": 1})


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
def test_a_variable_that_is_not_named_does_not_matter(value: object) -> None:
    assert holds("object.b == 1", {"b": 1}, {"a": value})


def test_as_deep_as_a_request_may_be() -> None:
    deep: object = 1
    for level in range(MAX_DEPTH - 1):
        deep = [deep] if level % 2 else {"a": deep}
    assert holds("object.deep == object.deep", {"deep": deep})


def test_deeper_is_refused() -> None:
    deep: object = 1
    for _ in range(10_000):
        deep = {"a": deep}
    with pytest.raises(CelError, match="object holds"):
        holds("object == 1", {"a": deep})
