"""canonical() writes the bytes of RFC 8785, whatever the document holds; same() sees values as those bytes do."""

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from kubeapprove.canonical import SAFE, canonical, digest, same
from tests.change import make

SAFE_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-SAFE + 1, SAFE - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3) | make.NAMES, inner, max_size=4),
    max_leaves=20,
)
PLAIN_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-SAFE + 1, SAFE - 1) | st.text(max_size=6),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=3), inner),
    max_leaves=20,
)


@make.FEW
@given(SAFE_VALUES | PLAIN_VALUES)
def test_the_bytes_are_those_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


SPECIFIED = {
    "literals and numbers": (
        {"numbers": [333333333.33333329, 1e30, 4.5, 2e-3, 1e-27, -0.0], "literals": [None, True, False]},
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27,0]}',
    ),
    "keys by UTF-16 units": (
        {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "😀": 5, "\x80": 6, "ö": 7},
        '{"\\r":2,"1":4,"\x80":6,"ö":7,"€":1,"😀":5,"\ufb33":3}'.encode(),
    ),
    "control characters": ('\x00\x08\t\n\x0b\x0c\r\x1f\x7f"\\/', b'"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\x7f\\"\\\\/"'),
}


@pytest.mark.parametrize(("value", "written"), SPECIFIED.values(), ids=SPECIFIED)
def test_as_the_specification_writes(value: Any, written: bytes) -> None:
    assert canonical(value) == written


@pytest.mark.parametrize("value", [SAFE, -SAFE, [2**63], {"é": 2**64}])
def test_an_integer_that_a_double_could_round_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical(value)


@make.FEW
@given(st.tuples(SAFE_VALUES, SAFE_VALUES) | SAFE_VALUES.map(lambda value: (value, value)))
def test_same_means_the_same_bytes(values: tuple[Any, Any]) -> None:
    one, other = values
    assert same(one, other) == (canonical(one) == canonical(other))


DIFFERENT = [(True, 1), (False, 0), (0, None), ("", None), ([], {}), ("1", 1), ([1], [True]), ({"a": 1}, {"b": 1})]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert not same(other, one)


@pytest.mark.parametrize(("one", "other"), [(1.0, 1), (-0.0, 0), ({"a": 1, "b": 2}, {"b": 2, "a": 1})])
def test_equal(one: Any, other: Any) -> None:
    assert same(one, other)
    assert digest(one) == digest(other)
