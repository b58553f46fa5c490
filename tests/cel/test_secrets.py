"""An error never quotes what it was judging: objects hold secrets, and the text reaches the agent and the record."""

import traceback

import pytest

from kubeapprove.cel import CelError
from tests.cel.make import holds

SECRET = "hunter2"
QUOTING = {
    "as a key": "object[object.a] == 1",
    "as a number": "int(object.a) == 1",
    "as a time": "timestamp(object.a) == timestamp(object.a)",
    "as a field": "object.a.b == 1",
    "as an operand": "object.a + 1 == 1",
    "as the answer": "object.a",
    "as a boolean": "bool(object.a)",
    "in a list": "[object.a][1] == 1",
    "a number beyond 64 bits beside it": "object == 1",
}


@pytest.mark.parametrize("text", QUOTING.values(), ids=QUOTING)
@pytest.mark.parametrize("beside", [1, 2**70, "\0", "\ud800"], ids=["1", "2**70", "NUL", "surrogate"])
def test_it_does_not_say_it(text: str, beside: object) -> None:
    obj = {"a": SECRET, SECRET + "b": {"b": beside, "c": SECRET}}
    if text == "object == 1" and beside == 1:
        assert not holds(text, obj)
        return
    with pytest.raises(CelError) as error:
        holds(text, obj)
    assert SECRET not in "".join(traceback.format_exception_only(error.value))
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__ or error.value.__context__ is None
    assert "\n" not in str(error.value)
