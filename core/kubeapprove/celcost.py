"""What a condition may cost, bounded before it is evaluated.

The CEL library stops a condition after 10,000 iterations, however they are nested, and after 32 levels of expression.
Nothing else ends one early, and that is far from enough: an iteration may compare two lists of a hundred thousand
items, a sum of a variable with itself doubles it at each level, `filter` is quadratic (three seconds for 10,000
items), a regular expression is compiled at each call (80 ms for a counted Unicode class). Therefore this module reads
the checked expression and

- refuses, at compile time, every function that is not on its list, a pattern that is not a plain literal, and values
  that could grow to more than a few times what they are made from;
- writes down how the time grows with the objects: a sum of terms, each a rate in nanoseconds times a measure of the
  objects times what loops and lists built by loops multiply it with.

The rates are measured ones, rounded up; the sum errs upwards, for it takes every string to be as long as all of them
together, and every list to be the longest. What it does not bound: a pattern made to be slow (a repeated choice before
a hundred wildcards costs about a microsecond for each byte), which only the author of a policy can write. What an agent
can write, the objects, is bounded.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

MAX_ITERATIONS: Final = 10_000
"""Where the library itself ends an evaluation."""
MAX_GROWTH: Final = 32
"""How many times over a value may hold what the objects hold."""
MAX_COPIES: Final = 2048
"""How many literals a value may be made of: as many as an expression can spell out, so that no sharing multiplies."""
MAX_PATTERN: Final = 256
_UNSAFE_PATTERN = re.compile(r"\{\d|\\[pP]")  # counted repetition, Unicode classes: programs beyond all bounds
_NODE: Final = 80.0
_APPEND: Final = 40.0
_EQUAL: Final = 60.0

# Name of a function -> nanoseconds for each byte of the strings it may read; the result is a number, a boolean, a time.
_SCALAR: Final = {
    "startsWith": 0.1,
    "endsWith": 0.1,
    "size": 1.0,
    "int": 1.0,
    "uint": 1.0,
    "double": 8.0,
    "bool": 1.0,
    "timestamp": 1.0,
    "duration": 1.0,
    "type": 0.0,
    **dict.fromkeys(("_&&_", "_||_", "!_", "@not_strictly_false", "-_", "_-_", "_*_", "_/_", "_%_"), 0.0),
    **dict.fromkeys(("_<_", "_<=_", "_>_", "_>=_"), 0.1),
    **dict.fromkeys(("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"), 0.0),
    **dict.fromkeys(("getHours", "getMinutes", "getSeconds", "getMilliseconds", "hasValue"), 0.0),
}
# The same where the result is as large as the largest operand.
_KEEPS: Final = {
    **dict.fromkeys(("_[_]", "_[?_]", "_?._", "_?_:_", "orValue", "or", "value", "dyn"), 0.0),
    **dict.fromkeys(("optional.of", "optional.ofNonZeroValue", "optional.none"), 0.0),
    **dict.fromkeys(("lowerAscii", "upperAscii", "string", "substring"), 1.0),
    "trim": 5.0,
}
_EQUALITY: Final = frozenset(("_==_", "_!=_", "@in"))


class TooCostlyError(ValueError):
    """The expression has a part that cannot be bounded; the text names it."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large the objects are: values in all, the longest list or map, and bytes as JSON."""

    values: int = 0
    longest: int = 0
    length: int = 0


@dataclass(frozen=True, slots=True)
class _Value:
    """The bound on a value: `growth` times what the objects hold, `lists` times as often as a loop runs.

    `level` is the depth of loops at which it was made: read in a deeper loop, it is read again and again. No growth
    means that it comes from the expression alone, made of `copies` literals.
    """

    growth: int = 0
    copies: int = 1
    lists: int = 0
    level: int = 0


_Term = tuple[str, int, int]  # the measure, loops, lists
_Names = Mapping[str, _Value]


@dataclass(slots=True)
class Cost:
    """The variables that an expression names, and how its time grows with them."""

    variables: set[str] = field(default_factory=set)
    terms: dict[_Term, float] = field(default_factory=dict)
    longest: int = 0
    growth: int = 1

    def nanoseconds(self, size: Size) -> float:
        """Return the bound for objects of this size."""
        turns = max(size.longest * self.growth, self.longest, 1)
        measures = {"once": 1, "values": size.values, "length": size.length, "turns": min(turns, MAX_ITERATIONS)}
        return sum(
            rate * measures[measure] * _power(turns, loops) * _power(turns, lists)
            for (measure, loops, lists), rate in self.terms.items()
        )

    def add(self, measure: str, rate: float, loops: int, lists: int = 0) -> None:
        """Add a term."""
        term = measure, loops, lists
        self.terms[term] = self.terms.get(term, 0.0) + rate


def _power(turns: int, exponent: int) -> int:
    return int(min(turns ** min(exponent, 4), MAX_ITERATIONS))


def read(serialized: bytes, variables: frozenset[str]) -> Cost:
    """Return the cost of an expression as the library serializes it: a protobuf Any that holds a CheckedExpr.

    Raises TooCostlyError for what has no bound.
    """
    checked = _message(_message(serialized)[2][-1])
    cost = Cost()
    _Reader(cost, variables).value(checked[4][-1], {}, 0)
    return cost


# The few fields of cel.expr.Expr (syntax.proto of the CEL specification) that matter here, by number.
_CONST, _IDENT, _SELECT, _CALL, _LIST, _STRUCT, _LOOP = 3, 4, 5, 6, 7, 8, 9
_NO_ITEM: Final = "#unused"
"""The item of what is written as a loop and runs once: cel.bind, optMap, optFlatMap."""


class _Reader:
    def __init__(self, cost: Cost, variables: frozenset[str]) -> None:
        self._cost = cost
        self._variables = variables

    def value(self, raw: bytes, names: _Names, loops: int) -> _Value:
        """Bound one expression, `loops` deep, and add what it costs."""
        self._cost.add("once", _NODE, loops)
        node = _message(raw)
        if _IDENT in node:
            return self._ident(_text(_message(node[_IDENT][-1]), 1), names, loops)
        if _SELECT in node:
            select = _message(node[_SELECT][-1])
            operand = self.value(select[1][-1], names, loops)
            return _Value(level=loops) if select.get(3) else operand
        if _CALL in node:
            return self._call(_message(node[_CALL][-1]), names, loops)
        if _LIST in node:
            return self._sum([self.value(item, names, loops) for item in _message(node[_LIST][-1]).get(1, [])], loops)
        if _STRUCT in node:
            entries = [_message(entry) for entry in _message(node[_STRUCT][-1]).get(2, [])]
            parts = [entry[part][-1] for entry in entries for part in (3, 4) if part in entry]
            return self._sum([self.value(part, names, loops) for part in parts], loops)
        if _LOOP in node:
            return self._loop(_message(node[_LOOP][-1]), names, loops)
        return _Value(level=loops)

    def _ident(self, name: str, names: _Names, loops: int) -> _Value:
        if name in names:
            return names[name]
        if name in self._variables:
            self._cost.variables.add(name)
            return _Value(growth=1)
        return _Value(level=loops)  # the name of a type

    def _sum(self, parts: list[_Value], loops: int) -> _Value:
        return self._joined(parts, sum(part.growth for part in parts), sum(part.copies for part in parts), loops)

    def _largest(self, parts: list[_Value], loops: int) -> _Value:
        growth = max((part.growth for part in parts), default=0)
        return self._joined(parts, growth, max((part.copies for part in parts), default=1), loops)

    def _joined(self, parts: list[_Value], growth: int, copies: int, loops: int) -> _Value:
        if growth > MAX_GROWTH or copies > MAX_COPIES:
            raise TooCostlyError("the expression builds values that may grow without bound")
        self._cost.growth = max(self._cost.growth, growth)
        self._cost.longest = max(self._cost.longest, copies)
        known = [part for part in parts if part.growth]
        return _Value(
            growth,
            copies,
            max((part.lists for part in known), default=0),
            min((part.level for part in known), default=loops),
        )

    def _call(self, call: dict[int, list[bytes]], names: _Names, loops: int) -> _Value:
        name, raw = _text(call, 2), [*call.get(1, []), *call.get(3, [])]
        operands = [self.value(operand, names, loops) for operand in raw]
        if name in _EQUALITY:
            self._cost.add("once", _EQUAL * max(operand.copies for operand in operands), loops)
            # A comparison with what the expression holds ends with the shorter of the two.
            if name == "@in" or all(operand.growth for operand in operands):
                known = operands[-1:] if name == "@in" else operands
                self._reading("values", _EQUAL, known, loops)
                self._reading("length", 0.1, known, loops)
            return _Value(level=loops)
        if name in ("matches", "contains"):
            each_call, each_byte = _search_rates(name, raw[-1])
            self._cost.add("once", each_call, loops)
            self._reading("length", each_byte, operands, loops)
            return _Value(level=loops)
        if name == "_+_":
            self._reading("length", 2.0, operands, loops)
            self._reading("values", _EQUAL, operands, loops)
            return self._sum(operands, loops)
        rate = _SCALAR.get(name, _KEEPS.get(name))
        if rate is None:
            raise TooCostlyError("the expression calls a function that conditions do not have")
        if rate:
            self._reading("length", rate, operands, loops)
        return self._largest(operands, loops) if name in _KEEPS else _Value(level=loops)

    def _reading(self, measure: str, rate: float, operands: list[_Value], loops: int) -> None:
        for operand in operands:
            if operand.growth:
                self._cost.add(measure, rate * operand.growth, loops - operand.level, operand.lists)

    def _loop(self, loop: dict[int, list[bytes]], names: _Names, loops: int) -> _Value:
        iterated = self.value(loop[2][-1], names, loops)
        start = self.value(loop[4][-1], names, loops)
        item, result = _text(loop, 1), _text(loop, 3)
        if item in self._variables or result in self._variables:
            # `.object` would still mean the variable, and here nothing tells the two apart.
            raise TooCostlyError("the expression gives the name of a variable to something else")
        if item == _NO_ITEM:
            return self.value(loop[7][-1], {**names, result: start}, loops)
        # Items of one list are read once all together, so what they cost is what the list costs; those of a list that
        # is read again in each turn of an outer loop count as often as that.
        again = loops - iterated.level if iterated.growth else 0
        inner = {**names, item: replace(iterated, level=loops + 1 - again), result: start}
        self.value(loop[5][-1], inner, loops + 1)
        step = self.value(loop[6][-1], inner, loops + 1)
        made = self._largest([start, step], loops)
        if _LIST in _message(loop[4][-1]):  # map and filter: each turn copies what the earlier ones made
            self._cost.add("turns", _APPEND, loops + 1)
            growth = max(step.growth, step.copies)
            lists = step.lists + (loops + 1 - step.level if step.growth else 0)
            made = replace(self._joined([], growth, 1, loops), lists=lists, level=loops)
        return self.value(loop[7][-1], {**names, result: made}, loops)


def _search_rates(name: str, argument: bytes) -> tuple[float, float]:
    """Nanoseconds for each call and each byte searched: for literals only, since data in data would be quadratic."""
    constant = _message(argument).get(_CONST)
    text = _text(_message(constant[-1]), 6) if constant else None
    if text is None:
        raise TooCostlyError(f"the argument of {name} is not a literal")
    if name == "contains":
        return 0, 10 + 0.03 * len(text)
    if len(text) > MAX_PATTERN or _UNSAFE_PATTERN.search(text):
        raise TooCostlyError("the pattern of matches is too long, or has counted repetitions or Unicode classes")
    return 3000 + 700 * len(text), 3 + 0.2 * len(text)


def _text(message: dict[int, list[bytes]], number: int) -> str:
    return message.get(number, [b""])[-1].decode()


def _message(raw: bytes) -> dict[int, list[bytes]]:
    """Return a protobuf message's fields by number; those that are numbers are there as well, empty."""
    fields: dict[int, list[bytes]] = {}
    for number, value in _fields(raw):
        fields.setdefault(number, []).append(value)
    return fields


def _fields(raw: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(raw):
        tag, at = _varint(raw, at)
        number, kind = tag >> 3, tag & 7
        length, at = (8, at) if kind == 1 else _varint(raw, at)  # a double, or a number that says its length
        length = length if kind else 0
        yield number, raw[at : at + length]
        at += length


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = raw[at]
        result |= (byte & 127) << shift
        shift, at = shift + 7, at + 1
        if byte < 128:
            return result, at
