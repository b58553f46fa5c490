"""One condition serves many requests and threads; one request's facts are converted once."""

import gc
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from kubeapprove.cel import CelError, compile_condition
from tests.cel.make import facts


def test_threads() -> None:
    condition = compile_condition("object.n % 2 == 0 && object.list.exists(x, x == object.n)")

    def ask(number: int) -> bool:
        return condition.holds(facts({"n": number, "list": list(range(500))}))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(400))) == [number % 2 == 0 for number in range(400)]


def test_converted_once() -> None:
    given = facts({"n": 1})
    assert compile_condition("object.n == 1").holds(given)
    assert given.object is not None
    given.object["n"] = 2  # type: ignore[index]
    assert compile_condition("object.n == 1").holds(given)


def test_nulls_cost_python_no_reference() -> None:
    condition, given = compile_condition("object.a"), facts({"a": None})
    gc.collect()
    before = sys.getrefcount(None)
    for _ in range(2000):
        with pytest.raises(CelError):
            condition.holds(given)
        assert not compile_condition("oldObject != null").holds(facts())
    gc.collect()
    assert sys.getrefcount(None) > before - 500


def test_the_library_is_loaded_by_the_first_condition() -> None:
    code = (
        "import sys; from kubeapprove.cel import compile_condition; assert 'cel_expr_python' not in sys.modules;"
        "compile_condition('true'); assert 'cel_expr_python' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
