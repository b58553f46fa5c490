"""The terminal: colour where there is one, nothing cut, and JSON and YAML without control characters."""

import json
import os
import sys
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from kubeapprove.printable import safe
from kubeapprove_cli.lines import Line

if TYPE_CHECKING:
    from rich.console import Console


class Output(StrEnum):
    """Formats of single objects."""

    JSON = "json"
    YAML = "yaml"
    NAME = "name"


class DataOutput(StrEnum):
    """Formats of what is no object of the cluster."""

    JSON = "json"
    YAML = "yaml"


class ListOutput(StrEnum):
    """Formats of a list."""

    JSON = "json"
    YAML = "yaml"
    NAME = "name"
    WIDE = "wide"


def _console() -> "Console":
    from rich.console import Console

    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return Console(color_system=None if plain else "auto", highlight=False, markup=False, emoji=False, soft_wrap=True)


def show(lines: Iterable[Line]) -> None:
    """Print lines, whole whatever the width."""
    if not sys.stdout.isatty() and "FORCE_COLOR" not in os.environ:
        sys.stdout.writelines(one.text + "\n" for one in lines)
        return
    from rich.text import Text

    console = _console()
    for one in lines:
        console.print(Text.assemble(*one.spans))


def say(sentence: str) -> None:
    """Print a sentence to stderr: messages never mix with output."""
    sys.stderr.write("\n".join(safe(row) for row in sentence.split("\n")) + "\n")
    sys.stderr.flush()


def dump(value: Any, output: Output | ListOutput | DataOutput, *, several: bool = False) -> None:
    """Print one object, or one of several, as JSON or YAML, in ASCII."""
    sys.stdout.write(to_json(value) if output == Output.JSON else "---\n" * several + to_yaml(value))


def to_json(value: Any) -> str:
    """Return indented JSON; every character outside printable ASCII is escaped."""
    return json.dumps(value, indent=2).replace("\x7f", "\\u007f") + "\n"


def to_yaml(value: Any) -> str:
    """Return YAML; texts of several lines as blocks, as kubectl does."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """A writer of its own, so that nobody else's YAML changes."""

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        block = "\n" in value and value.isascii() and all(map(str.isprintable, value.split("\n")))
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if block else None)

    Dumper.add_representer(str, text)
    return yaml.dump(value, Dumper=Dumper, sort_keys=False, width=1_000_000)


def name_of(namespace_and_name: str) -> str:
    """Return `-o name`'s form."""
    return f"manifestapproval.kubeapprove.io/{namespace_and_name}"
