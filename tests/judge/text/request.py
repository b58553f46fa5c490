"""The parts of an admission request that a change is made of."""

import re
from dataclasses import dataclass
from typing import Any

from tests.judge.text.values import get

GENERATED = re.compile(r"[bcdfghjklmnpqrstvwxz2456789]{5}")


@dataclass(frozen=True, slots=True)
class Request:
    """`raw` is the review's request."""

    raw: dict[str, Any]

    @property
    def operation(self) -> str:
        return str(self.raw["operation"])

    @property
    def subresource(self) -> str:
        return str(self.raw.get("subResource") or "")

    @property
    def namespace(self) -> str:
        return str(self.raw.get("namespace") or "")

    @property
    def object(self) -> Any:
        return self.raw.get("object") or {}

    @property
    def old(self) -> Any:
        return self.raw.get("oldObject") or {}

    @property
    def options(self) -> dict[str, Any]:
        return self.raw.get("options") or {}

    @property
    def name(self) -> str:
        """In a DELETE of a collection the review has no name: it comes from `oldObject`."""
        holder = self.old if self.operation == "DELETE" else self.object
        named = self.raw.get("name") or get(holder, ("metadata", "name"))
        return named if isinstance(named, str) else ""

    @property
    def has_generated_name(self) -> bool:
        """CREATE, no subresource, and `generateName[:58]` with exactly five characters of the server's alphabet."""
        prefix = get(self.object, ("metadata", "generateName"))
        if self.operation != "CREATE" or self.subresource or not isinstance(prefix, str) or not prefix:
            return False
        start = prefix[:58]
        if get(self.object, ("metadata", "name")) != self.name:
            return False
        return self.name.startswith(start) and bool(GENERATED.fullmatch(self.name[len(start) :]))

    def is_(self, group: str, resource: str) -> bool:
        """Whether it is about objects of this kind themselves."""
        return self.is_of(group, resource) and not self.subresource

    def is_of(self, group: str, resource: str) -> bool:
        """Whether it is about objects of this kind or a subresource of them."""
        about = self.raw["resource"]
        return (about["group"], about["resource"]) == (group, resource)
