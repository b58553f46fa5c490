"""What an UPDATE changes: every field with old and new value, and who loses the ownership of what."""

import difflib
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from kubeapprove.fields import ABSENT
from kubeapprove.printable import is_safe, quoted, safe
from kubeapprove_cli.document import Placeholder
from kubeapprove_cli.lines import Line, line
from kubeapprove_cli.yamlview import render, tag

_CONTEXT = 3
_MAX_WORK = 100_000
"""Pairs of lines that difflib compares; beyond, the old lines and the new ones are shown whole."""
_Opcode = tuple[str, int, int, int, int]
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BARE_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_OLD, _NEW = "red", "green"


def path_of(path: Sequence[Any]) -> str:
    """Return a path as people write it: `spec.containers[name=web].image`, `metadata.labels["a.b/c"]`."""
    result = ""
    for step in path:
        if type(step) is dict:
            result += f"[name={_name(step['name'])}]"
        elif _BARE.fullmatch(step):
            result += f".{step}" if result else step
        else:
            result += f"[{quoted(step)}]"
    return result or "(the whole object)"


def _name(name: str | Placeholder) -> str:
    if isinstance(name, Placeholder):
        return tag(name)
    return name if _BARE_NAME.fullmatch(name) else quoted(name)


def fields(entries: Sequence[dict[str, Any]]) -> list[Line]:
    """Return every changed field: its path, then old and new."""
    result: list[Line] = []
    for entry in entries:
        result.append(line((path_of(entry["path"]), "bold")))
        if "order" in entry:
            order = entry["order"] if type(entry["order"]) is list else [entry["order"]]
            result += [line("  new order of the list:")]
            result += [row.after("    ") for row in render(order)]
        else:
            result += [row.after("  ") for row in _sides(entry.get("from", ABSENT), entry.get("to", ABSENT))]
    return result


def _sides(old: Any, new: Any) -> Iterator[Line]:
    if old is not ABSENT and new is not ABSENT:
        if type(old) is str and type(new) is str and "\n" in old + new:
            yield from _difference(_rows(old), _rows(new))
            return
        before, after = render(old), render(new)
        if len(before) > 1 or len(after) > 1:
            yield from _difference(before, after)
            return
    for value, mark, style in ((old, "- ", _OLD), (new, "+ ", _NEW)):
        if value is not ABSENT:
            yield from (row.styled(style).after(mark, style) for row in render(value))


def _rows(text: str) -> list[Line]:
    """A text's lines. One that holds something invisible, or could pass for a quoted one, is quoted."""
    *rows, last = text.split("\n")
    shown = [line(_row(row)) for row in rows]
    return [*shown, line(_row(last)), line(("\\ no newline at the end", "dim"))] if last else shown


def _row(row: str) -> str:
    return row if is_safe(row) and row == row.rstrip() and not row.startswith(('"', "\\")) else quoted(row)


def _difference(old: list[Line], new: list[Line]) -> Iterator[Line]:
    """A unified diff. Every line of content stands behind two characters, so none can look like a mark."""
    before, after = [row.text for row in old], [row.text for row in new]
    groups = list(_grouped(_opcodes(before, after)))
    if not groups:
        yield line(("  (the same text, but for its last newline)", "dim"))
    whole = len(groups) == 1 and groups[0][0][1] == 0 and groups[0][-1][2] == len(old)
    for group in groups:
        if not whole:
            first, last = group[0], group[-1]
            span = f"@@ -{first[1] + 1},{last[2] - first[1]} +{first[3] + 1},{last[4] - first[3]} @@"
            yield line((span, "cyan"))
        for kind, old_from, old_to, new_from, new_to in group:
            if kind == "equal":
                yield from (row.after("  ") for row in old[old_from:old_to])
                continue
            yield from (row.styled(_OLD).after("- ", _OLD) for row in old[old_from:old_to])
            yield from (row.styled(_NEW).after("+ ", _NEW) for row in new[new_from:new_to])


def _opcodes(before: list[str], after: list[str]) -> list[_Opcode]:
    """As difflib's, in bounded time: the agent chooses the texts. What both begin and end with is set aside first."""
    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    tail = next((at for at in range(shorter - head) if before[-1 - at] != after[-1 - at]), shorter - head)
    one, other = before[head : len(before) - tail], after[head : len(after) - tail]
    if len(one) * len(other) > _MAX_WORK:
        middle: list[_Opcode] = [("replace", 0, len(one), 0, len(other))]
    else:
        middle = list(difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes())
    moved = [(kind, a + head, b + head, c + head, d + head) for kind, a, b, c, d in middle]
    start: list[_Opcode] = [("equal", 0, head, 0, head)] if head else []
    end: list[_Opcode] = [("equal", len(before) - tail, len(before), len(after) - tail, len(after))] if tail else []
    return start + moved + end


def _grouped(opcodes: list[_Opcode]) -> Iterator[list[_Opcode]]:
    """Cut what is equal to a few lines around each difference."""
    group: list[_Opcode] = []
    for at, (kind, a, b, c, d) in enumerate(opcodes):
        if kind != "equal":
            group.append((kind, a, b, c, d))
            continue
        before = 0 if at == 0 else _CONTEXT
        behind = 0 if at == len(opcodes) - 1 else _CONTEXT
        if b - a <= before + behind:
            group.append((kind, a, b, c, d))
            continue
        if before:
            group.append((kind, a, a + before, c, c + before))
        if group:
            yield group
        group = [(kind, b - behind, b, d - behind, d)] if behind else []
    if any(kind != "equal" for kind, *_ in group):
        yield group


_LOSES = (
    "no longer owns the {count} below, although the values stay; when it applies next, it will not remove or restore "
    "them as it would have."
)
_GAINS = "takes ownership of the {count} below: its next apply may remove them or refuse those of others."


def ownership(moves: Sequence[Any]) -> list[Line]:
    """Return a sentence for every manager that loses ownership without the value changing, or that gains some."""
    result: list[Line] = []
    for move in moves:
        manager = f'"{safe(name)}"' if type(name := move["manager"]) is str else tag(name)
        how = " by " + _word(move["operation"]) if move["operation"] else ""
        where = " through " + _word(move["subresource"]) if move["subresource"] else ""
        for key, sentence, mark in (("paths", _LOSES, "- "), ("gained", _GAINS, "+ ")):
            if paths := move.get(key):
                said = sentence.format(count=_count(paths))
                result.append(line(("ownership", "bold yellow"), f": the manager {manager}{how}{where} {said}"))
                result += [line(f"  {mark}" + _owned(path)) for path in paths]
    return result


def _word(text: str | Placeholder) -> str:
    return tag(text) if isinstance(text, Placeholder) else safe(text)


def _count(paths: Sequence[Any]) -> str:
    return "field" if len(paths) == 1 else f"{len(paths)} fields"


def _owned(path: Sequence[str | Placeholder]) -> str:
    """A path of managedFields: `f:` a field, `k:` an item by keys, `v:` by value, `i:` by index."""
    result = ""
    for step in path:
        if isinstance(step, Placeholder):
            result += f"[{tag(step)}]"
            continue
        kind, _, rest = step.partition(":")
        if kind == "f":
            bare = _BARE.fullmatch(rest)
            result += (f".{rest}" if result else rest) if bare else f"[{quoted(rest)}]"
        else:
            result += f"[{_keys(rest)}]"
    return result


def _keys(text: str) -> str:
    try:
        keys = json.loads(text)
    except ValueError:
        return quoted(text)
    if type(keys) is not dict:
        return safe(json.dumps(keys))
    return ",".join(f"{safe(key)}={safe(str(value))}" for key, value in sorted(keys.items()))
