"""What is wrong with a document, in words for who wrote it: place, and what to write instead; never a value of it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from kubeapprove.printable import safe

MOST: Final = 8
_SENTENCES: Final = {
    "extra_forbidden": "nobody knows this field; remove it, or correct its name",
    "missing": "it is required",
    "too_short": "give at least {min_length}",
    "too_long": "give at most {max_length}",
    "string_too_short": "write at least {min_length} character(s)",
    "string_too_long": "write at most {max_length} characters",
    "enum": "write {expected}",
    "literal_error": "write {expected}",
    "tuple_type": "write a list",
    "dict_type": "write a map",
    "model_type": "write a map",
    "string_type": "write text",
    "int_type": "write a whole number",
    "bool_type": "write true or false",
    "greater_than_equal": "write {ge} or more",
    "less_than_equal": "write {le} or less",
}


def place(steps: Iterable[str | int]) -> str:
    """Return where it is, `spec.rules[2].name`; a key that nobody knows is anybody's text."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{safe(step)[:64]}" for step in steps)
    return text.removeprefix(".")


def sentence(problem: Mapping[str, Any]) -> str:
    """Return what to write instead, of one entry of pydantic's `errors`."""
    form = _SENTENCES.get(problem["type"])
    if form is None:
        return str(problem["msg"]).removeprefix("Value error, ")
    return form.format(**problem.get("ctx", {}))


def describe(error: ValidationError, whole: str) -> str:
    """Return the first problems on one line; `whole` names the document where it is wrong as a whole."""
    problems = error.errors(include_input=False, include_url=False)
    return "; ".join(f"{place(problem['loc']) or whole}: {sentence(problem)}" for problem in problems[:MOST])
