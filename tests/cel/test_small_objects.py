"""Small objects are not counted before a condition runs: whatever their shape, they hold no more than they have bytes."""

from hypothesis import given
from hypothesis import strategies as st

from tests.cel.make import facts

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_characters="\0"), max_size=3),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=5),
    max_leaves=30,
)


@given(VALUES)
def test_no_shape_holds_more_than_its_bytes(value: object) -> None:
    size = facts({"": value}).size("object")
    assert size.values <= size.length
    assert size.longest <= size.length
