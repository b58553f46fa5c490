"""docs/eks/terraform as python-hcl2 reads it: blocks by address, what they refer to, values with the references replaced."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import hcl2

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "docs" / "eks" / "terraform"
_EXPRESSION: Final = re.compile(r"\$\{(.+)\}", re.DOTALL)
_REFERENCE: Final = re.compile(r"\b(?:(?:var|local)\.\w+|(?:data\.)?(?:aws|helm|kubernetes)_\w+\.\w+)")


def blocks() -> dict[str, dict[str, Any]]:
    """Return each block's body by its address, as expressions name it: var.x, local.x, data.type.name, type.name."""
    return dict(_addressed())


def references(value: Any) -> set[str]:
    """Return the addresses that an expression, or whatever is below it, refers to."""
    match value:
        case str():
            return set(_REFERENCE.findall(value))
        case list():
            return set().union(*map(references, value))
        case dict():
            return set().union(*map(references, value.values()))
    return set()


def evaluated(value: Any, known: Mapping[str, Any]) -> Any:
    """Return it with each expression that is one reference replaced; any other expression is an error."""
    match value:
        case str() if (found := _EXPRESSION.fullmatch(value)) is not None:
            return known[found[1]]
        case list():
            return [evaluated(one, known) for one in value]
        case dict():
            return {key: evaluated(one, known) for key, one in value.items()}
    return value


def _addressed() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(FOLDER.glob("*.tf")):
        for kind, found in _plain(hcl2.loads(path.read_text(encoding="utf-8"))).items():
            for block in found:
                yield from _named(kind, block)


def _named(kind: str, block: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    match kind:
        case "locals":
            yield from ((f"local.{name}", body) for name, body in block.items())
        case "resource" | "data":
            ((of, named),) = block.items()
            ((name, body),) = named.items()
            yield f"{'data.' if kind == 'data' else ''}{of}.{name}", body
        case "variable" | "output" | "provider":
            ((name, body),) = block.items()
            yield f"{'var' if kind == 'variable' else kind}.{name}", body
        case _:
            yield kind, block


def _plain(value: Any) -> Any:
    """Return it without the parser's own marks and the quotation marks of its strings."""
    match value:
        case str():
            return value[1:-1] if value[:1] == '"' else value
        case list():
            return [_plain(one) for one in value]
        case dict():
            return {_plain(key): _plain(one) for key, one in value.items() if not key.startswith("__")}
    return value
