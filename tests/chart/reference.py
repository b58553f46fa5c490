"""The reference in docs/chart.md, from the comments of values.yaml; `python -m tests.chart.reference` writes it.

A value is documented by the comment lines right above it. One without any is documented where `webhook` has it, or by
its parent; a comment that goes on after two blanks is an example and is left out.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[2]
VALUES: Final = ROOT / "charts" / "kubeapprove" / "values.yaml"
PAGE: Final = ROOT / "docs" / "chart.md"
BEGIN: Final = "<!-- begin: python -m tests.chart.reference -->"
END: Final = "<!-- end -->"
_BLOCK: Final = re.compile(f"{re.escape(BEGIN)}\n(.*?){re.escape(END)}", re.DOTALL)
_KEY: Final = re.compile(r"( *)([A-Za-z]+):")


def comments(text: str) -> dict[str, str]:
    """Return what each key's own comment says, by its dotted path; empty where it has none."""
    found: dict[str, str] = {}
    path: list[str] = []
    comment: list[str] = []
    for line in text.splitlines():
        key = _KEY.match(line)
        if key is not None:
            path = [*path[: len(key[1]) // 2], key[2]]
            found[".".join(path)] = " ".join(comment)
        bare = line.strip()
        is_text = bare.startswith("# ") and not bare.startswith("#  ")
        comment = [*comment, bare[2:]] if is_text else []
    return found


def rows(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield path, default and meaning of every documented value; the meaning is empty where nobody says it."""
    said = comments(text)
    values = yaml.safe_load(text)
    for path, own in said.items():
        if any(path.startswith(f"{parent}.") and _is_leaf(parent, said) for parent in said):
            continue
        section, _, key = path.partition(".")
        shared = section != "webhook" and said.get(f"webhook.{key}")
        meaning = own or (f"as `webhook.{key}`" if shared else "")
        default = "" if not _is_leaf(path, said) else f"`{json.dumps(_at(values, path), ensure_ascii=False)}`"
        yield path, default, meaning


def _is_leaf(path: str, said: dict[str, str]) -> bool:
    """Whether a value is documented as a whole: none of its keys is, here or in `webhook`."""
    keys = [key for key in said if key.startswith(f"{path}.")]
    return "." in path or not any(said[key] or said.get(f"webhook.{key.partition('.')[2]}") for key in keys)


def _at(values: Any, path: str) -> Any:
    for key in path.split("."):
        values = values[key]
    return values


def reference() -> str:
    """Return the table of all values."""
    table = "\n".join(f"| `{path}` | {default} | {meaning} |" for path, default, meaning in rows(VALUES.read_text()))
    return f"| value | default | |\n|---|---|---|\n{table}\n"


def written(page: str) -> str:
    """Return the block that the page holds."""
    found = _BLOCK.search(page)
    return "" if found is None else found[1]


def renewed(page: str) -> str:
    """Return the page with the block as it should be."""
    return _BLOCK.sub(lambda _: f"{BEGIN}\n{reference()}{END}", page)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text()))
