"""The commands of docs/deciding.md, for the test that types them."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "deciding.md").read_text()
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


def command(*parts: str) -> str:
    """Return the page's one command that holds all of these."""
    (found,) = [line for line in COMMANDS if all(part in line for part in parts)]
    return str(found)
