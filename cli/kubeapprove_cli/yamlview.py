"""Values as YAML for a person's eyes: what can be mistaken is quoted, and nothing in a value can pass for structure.

The output is YAML (a test reads it back), with two differences to what kubectl prints: placeholders are tags
(`!secret 12 bytes, hmac 3f2a…`), which no literal can look like since strings that begin with `!` are quoted, and texts
of several lines that hold something invisible are quoted line by line.
"""

import json
import re
from typing import Any

from kubeapprove.printable import is_safe, quoted
from kubeapprove_cli.document import Placeholder
from kubeapprove_cli.lines import Line, Span, indented, line

# Plain only where no YAML reader takes it for anything but this string.
_PLAIN = re.compile(r"[A-Za-z_/](?:[A-Za-z0-9_./+@%=,~()-]|:(?=[^ ]))*(?: (?:[A-Za-z0-9_./+@%=,~()-]|:(?=[^ ]))+)*")
_QUANTITY = re.compile(r"[0-9]+(?:[.][0-9]+)?(?:m|Ki|Mi|Gi|Ti|Pi)")
_KEYWORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf"))
_TAG_TEXT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ,]*…?")
_FIRST = ("apiVersion", "kind", "metadata", "name", "namespace")
_TAG = "bold magenta"


def plain_or_quoted(text: str) -> str:
    """Return a string as YAML writes it on one line."""
    if text.lower() not in _KEYWORDS and (_PLAIN.fullmatch(text) or _QUANTITY.fullmatch(text)):
        return text
    return quoted(text)


def tag(placeholder: Placeholder) -> str:
    """Return a placeholder as a YAML tag and what is known about the value."""
    head = "" if placeholder.head is None else " " + quoted(placeholder.head)
    facts = placeholder.text if _TAG_TEXT.fullmatch(placeholder.text) else quoted(placeholder.text)
    return f"{placeholder.tag} {facts}{head}"


def render(value: Any) -> list[Line]:
    """Return a value as a YAML document."""
    head, body = _node(value)
    return [line(*head), *indented(body, 2)] if head else body


def _node(value: Any) -> tuple[list[Span], list[Line]]:
    """Return what stands behind the key, and the lines below it."""
    if type(value) is dict and value:
        return [], _map(value)
    if type(value) is list and value:
        return [], [one for item in value for one in _item(item)]
    if type(value) is str and "\n" in value:
        return _text(value)
    return [_scalar(value)], []


def _scalar(value: Any) -> Span:
    if isinstance(value, Placeholder):
        return tag(value), _TAG
    if type(value) is str:
        return plain_or_quoted(value), ""
    return json.dumps(value), ""


def _map(value: dict[str, Any]) -> list[Line]:
    result: list[Line] = []
    for key in sorted(value, key=_rank):
        head, body = _node(value[key])
        label: Span = (plain_or_quoted(key) + ":", "cyan")
        result.append(line(label, " ", *head) if head else line(label))
        # A list's dashes stand below their key, as kubectl writes them.
        result += body if type(value[key]) is list else indented(body, 2)
    return result


def _rank(key: str) -> tuple[int, str]:
    return (_FIRST.index(key) if key in _FIRST else len(_FIRST), key)


def _item(item: Any) -> list[Line]:
    head, body = _node(item)
    if head:
        return [line("- ", *head), *indented(body, 2)]
    return [body[0].after("- "), *indented(body[1:], 2)]


def _text(value: str) -> tuple[list[Span], list[Line]]:
    """A string of several lines: a block where every line can be seen as it is, else quoted line by line."""
    rows = value.split("\n")
    if all(is_safe(row) and row == row.rstrip() for row in rows) and rows[0] and not rows[0].startswith(" "):
        ending = "-" if rows[-1] else "" if rows[-2] else "+"
        return [("|" + ending, "dim")], [line(row) for row in (rows if rows[-1] else rows[:-1])]
    pieces = [quoted(row)[1:-1] for row in rows]
    inner = [_continued(piece) + "\\n\\" for piece in pieces[:-1]] + [_continued(pieces[-1]) + '"']
    return [('"\\', "")], [line(row) for row in inner]


def _continued(piece: str) -> str:
    """A line of a quoted string begins behind its indentation: a space of its own is escaped."""
    return "\\" + piece if piece.startswith(" ") else piece
