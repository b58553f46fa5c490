"""Untrusted text on a terminal: names, reasons and values come from an agent and must not steer what a person sees.

Escaped are control characters (ESC among them), bidirectional controls, everything else that draws nothing, and marks
that draw on their neighbour (a combining stroke would cross out a value). What is left can only be read.
"""

import re
import unicodedata

# Letters and symbols by category that draw nothing all the same (Unicode: Default_Ignorable_Code_Point, and the blank
# Braille pattern).
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
_QUOTED = {'"': '\\"', "\\": "\\\\"}
_ASCII = re.compile(r"[ -~]*")


def is_safe(text: str) -> bool:
    """Whether `text` can be shown as it is."""
    return _ASCII.fullmatch(text) is not None or all(map(_is_safe, text))


# Marks that change the order in which what follows is drawn (Unicode: Bidi_Control).
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_one_line(text: str) -> bool:
    """Whether `text` stays in its line wherever it is printed; unlike `is_safe` any script can be written in it."""
    return not any(character in _BIDI or unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in text)


def _is_safe(character: str) -> bool:
    return character.isprintable() and character not in _BLANK and unicodedata.category(character) not in ("Mn", "Me")


def _escape(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def safe(text: str) -> str:
    """Return `text` for the middle of a line. Not reversible: a backslash that was there looks like an escape."""
    return text if is_safe(text) else "".join(c if _is_safe(c) else _escape(c) for c in text)


def quoted(text: str) -> str:
    """Return `text` in double quotes, reversible: a YAML double-quoted scalar."""
    return '"' + "".join(_QUOTED.get(c) or (c if _is_safe(c) else _escape(c)) for c in text) + '"'
