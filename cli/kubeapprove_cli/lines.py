"""Lines of styled text, without a terminal: what the renderers make and the screen prints."""

from collections.abc import Iterable
from dataclasses import dataclass

Span = tuple[str, str]
"""A text that is safe to show, and a rich style, or empty."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. Every text in it went through `safe`, or is ours."""

    spans: tuple[Span, ...] = ()

    @property
    def text(self) -> str:
        """The line without styles."""
        return "".join(text for text, _ in self.spans)

    def after(self, prefix: str, style: str = "") -> "Line":
        """Return the line behind a prefix."""
        return Line(((prefix, style), *self.spans)) if prefix else self

    def styled(self, style: str) -> "Line":
        """Return the line in one style; spans that have one of their own keep it."""
        return Line(tuple((text, own or style) for text, own in self.spans))


def line(*parts: str | Span) -> Line:
    """Return a line of plain texts and spans."""
    return Line(tuple((part, "") if isinstance(part, str) else part for part in parts))


def indented(lines: Iterable[Line], by: int) -> list[Line]:
    """Return the lines further to the right."""
    return [one.after(" " * by) for one in lines]
