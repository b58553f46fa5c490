"""Objects as JSON brings them: nothing is known of them until it was looked at."""

from typing import Any


def as_map(value: Any) -> dict[str, Any]:
    """Return a map as it is; anything else, absence too, as an empty one."""
    return value if type(value) is dict else {}
