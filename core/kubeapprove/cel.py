"""Conditions of policies: CEL over one request, by Google's C++ library, with a bound on what they may cost.

A condition sees `change`, `object`, `oldObject` and `request`, untyped; `object` and `oldObject` are null where there
is none. The language is standard CEL with its macros (`has`, `all`, `exists`, `exists_one`, `map`, `filter`), optionals
(`a.?b.orValue(c)`, `a[?b]`, `optMap`, `optFlatMap`), `cel.bind`, and of the strings extension `lowerAscii`,
`upperAscii`, `trim` and `substring`. Kubernetes' own functions (`quantity`, `isURL`, …) are not there.

True and false are the only answers; whatever else happens is a CelError. What is CEL's own meaning stays: `false && x`
is false and `true || x` is true, in either order and in `all` and `exists`, even where `x` fails.

What goes wrong otherwise, and is refused here:
- the library ends a string at its first NUL and would not see what follows: a variable that holds one is refused;
- an integer beyond 64 bits or half a surrogate pair fails, at a cost that grows with the square of the depth. Integers
  from 2**63 on are CEL's uint: they compare with others, but do not add to them;
- a null that is asked for its Python value loses a reference to None, and after some thousands of them Python aborts.

Bounded: the length of an expression, the library's own 32 levels and 10,000 iterations, and the time as `celcost`
estimates it for these very objects; a condition that might take longer than MAX_NANOSECONDS is refused before it runs.
Not bounded: the conversion of the objects, which takes about as long as reading them from JSON. Only the variables that
a condition names are converted, and looked at.

A Condition may be shared by threads; the library releases Python's lock while it evaluates. Facts belong to one request
and must not change once they were asked about.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol

import orjson

from kubeapprove.celcost import Cost, Size, TooCostlyError, read
from kubeapprove.printable import safe

if TYPE_CHECKING:
    from cel_expr_python import cel

MAX_EXPRESSION: Final = 2048
"""Characters."""
MAX_NANOSECONDS: Final = 100_000_000
"""By the estimate; what was measured stayed below 60 ms."""
_LENGTHS: Final = tuple(2**power for power in range(25))
"""Bytes, up to more than a request may have."""
_FAILURES: Final = (RuntimeError, ValueError, LookupError, TypeError)
"""What the library raises. The texts quote the objects: only `_reason` and `_complaint` read them."""
_UNREADABLE: Final = re.compile("[\0\ud800-\udfff]")
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""In JSON's notation, and no backslash that stands before `u0000`."""
_PLACE: Final = re.compile(r"ERROR: <input>:(\d+):(\d+): ([^\n]*)")
_REASONS: Final = {
    "Key not found": "the condition reads a field that is not there",
    "Index error": "the condition reads an item that is not there",
    "non-message": "the condition reads a field of something that has none",
    "No matching overloads": "the condition uses a value of another type than it needs",
    "overflow": "a number in the condition is out of range",
    "by zero": "the condition divides by zero",
    "budget exceeded": "the condition takes more than 10,000 iterations",
}
_VARIABLES: Final = frozenset(("change", "object", "oldObject", "request"))


class CelError(ValueError):
    """An expression that cannot be compiled, or an evaluation that failed or gave no boolean.

    One plain sentence without any value of the objects judged, which may hold secrets.
    """


@dataclass(frozen=True, slots=True)
class Facts:
    """The variables of one request, converted for the library once, and each only when a condition names it."""

    change: Mapping[str, Any]
    object: Mapping[str, Any] | None
    old_object: Mapping[str, Any] | None
    request: Mapping[str, Any]
    _activation: list["cel.Activation"] = field(default_factory=list, init=False, repr=False, compare=False)
    _lengths: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)
    _sizes: dict[str, Size] = field(default_factory=dict, init=False, repr=False, compare=False)

    def values(self) -> dict[str, Any]:
        """Return the variables by their names in CEL."""
        return {
            "change": self.change,
            "object": self.object,
            "oldObject": self.old_object,
            "request": self.request,
        }

    def activation(self) -> "cel.Activation":
        """Return the library's view of them, the same one each time: it keeps what it has converted."""
        if not self._activation:
            self._activation.append(_environment().Activation(self.values()))
        return self._activation[0]

    def length(self, name: str) -> int:
        """Return a variable's bytes as JSON; raises CelError where the library would misread it."""
        if name not in self._lengths:
            self._lengths[name] = _length(name, self.values()[name])
        return self._lengths[name]

    def size(self, name: str) -> Size:
        """Return how large a variable is, for the estimate of what a condition costs."""
        if name not in self._sizes:
            self._sizes[name] = _size(self.values()[name], self.length(name))
        return self._sizes[name]

    def total(self, names: Iterable[str]) -> Size:
        """Return how large these variables are together."""
        sizes = [self.size(name) for name in names]
        return Size(
            sum(size.values for size in sizes),
            max((size.longest for size in sizes), default=0),
            sum(size.length for size in sizes),
        )


class Condition(Protocol):
    """A compiled `when`."""

    def holds(self, facts: Facts) -> bool:
        """Whether it is true; raises CelError."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    expression: "cel.Expression"
    cost: Cost
    variables: tuple[str, ...]
    harmless: int
    """Bytes of the variables up to which no shape of them can make it take too long: nothing has to be counted then."""

    def holds(self, facts: Facts) -> bool:
        length = sum([facts.length(name) for name in self.variables])
        if length > self.harmless and self.cost.nanoseconds(facts.total(self.variables)) > MAX_NANOSECONDS:
            raise CelError("the condition may take too long on objects of this size")
        try:
            value = self.expression.eval(facts.activation())
            # The type before the value: see the module's text on null.
            kind = value.type().name()
            answer = value.value() if kind == "BOOL" else None
            failure = str(value) if kind == "ERROR" else ""
        except _FAILURES as error:
            raise CelError(_reason(str(error))) from None
        if failure:
            raise CelError(_reason(failure))
        if type(answer) is not bool:
            raise CelError("the condition gave no boolean")
        return answer


def compile_condition(text: str) -> Condition:
    """Compile a condition; raises CelError where it is too long, not CEL, not boolean or has no bound on its cost."""
    if len(text) > MAX_EXPRESSION:
        raise CelError(f"the expression is longer than {MAX_EXPRESSION} characters")
    if not text.isprintable() and _UNREADABLE.search(text):
        raise CelError("the expression holds a NUL or half of a surrogate pair")
    try:
        expression = _environment().compile(text)
        kind = expression.return_type().name()
    except _FAILURES as error:
        raise CelError(_complaint(str(error))) from None
    if kind not in ("BOOL", "DYN"):
        raise CelError("the expression is not a boolean")
    try:
        cost = read(expression.serialize(), _VARIABLES)
    except TooCostlyError as error:
        raise CelError(str(error)) from None
    if cost.nanoseconds(Size()) > MAX_NANOSECONDS:
        raise CelError("the expression may take too long on any object")
    return _Compiled(expression, cost, tuple(sorted(cost.variables)), _harmless(cost))


def _harmless(cost: Cost) -> int:
    """Return a length up to which the objects are harmless, whatever their shape: a value takes a byte at least."""
    sizes = (Size(values=length, longest=length, length=length) for length in _LENGTHS)
    return max((size.length for size in sizes if cost.nanoseconds(size) <= MAX_NANOSECONDS), default=0)


@cache
def _environment() -> "cel.Env":
    from cel_expr_python import cel
    from cel_expr_python.ext import ext_bindings, ext_optional, ext_strings

    return cel.NewEnv(
        variables=dict.fromkeys(sorted(_VARIABLES), cel.Type.DYN),
        extensions=[ext_bindings.ExtBindings(), ext_optional.ExtOptional(), ext_strings.ExtStrings()],
    )


def _reason(failure: str) -> str:
    """Return why an evaluation failed, in our words: the library's quote keys and values of the objects."""
    return next(
        (sentence for part, sentence in _REASONS.items() if part in failure), "the condition could not be evaluated"
    )


def _complaint(failure: str) -> str:
    """Return the first thing that is wrong with an expression, and where. Nothing but the expression is in it."""
    place = _PLACE.search(failure)
    if place is None or place[1] == "-1":
        return "the expression is nested too deeply or not CEL"
    what = place[3].split(" expecting ")[0].split(" (in container")[0]
    return f"the expression is wrong at line {place[1]}, column {place[2]}: {safe(what)[:200]}"


def _length(name: str, value: Any) -> int:
    try:
        text = orjson.dumps(value)
    except orjson.JSONEncodeError:
        raise CelError(f"{name} holds a number beyond 64 bits or something that is not JSON") from None
    if b"\\u0000" in text and _NUL.search(text):
        raise CelError(f"{name} holds a NUL in a string")
    return len(text)


def _size(value: Any, length: int) -> Size:
    values, longest, level = 0, 0, [value]
    while level:
        values += len(level)
        containers = [item for item in level if type(item) is dict or type(item) is list]
        longest = max(longest, max(map(len, containers), default=0))
        level = [child for item in containers for child in (item.values() if type(item) is dict else item)]
    return Size(values, longest, length)
