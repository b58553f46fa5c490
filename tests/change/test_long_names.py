"""A CONNECT may carry any text as a name; what no stored object can be called is not judged."""

import pytest

from kubeapprove.request import MAX_NAME
from kubeapprove.strictjson import UnreadableError
from tests.change import make

CALLED = {"name": {"name": "x" * (MAX_NAME + 1)}, "namespace": {"namespace": "x" * (MAX_NAME + 1)}}


@pytest.mark.parametrize("parts", CALLED.values(), ids=CALLED)
def test_longer_than_any_object_is_called(parts: dict[str, str]) -> None:
    with pytest.raises(UnreadableError, match="longer than 253"):
        make.connect({}, resource="pods", subResource="exec", **parts)


def test_as_long_as_any_object_is_called() -> None:
    assert make.connect({}, resource="pods", subResource="exec", name="x" * MAX_NAME).name == "x" * MAX_NAME
