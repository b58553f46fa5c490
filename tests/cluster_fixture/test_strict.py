"""In CI a skipped check is a failed one."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SKIPPED = {
    "inside": ("import pytest\ndef test_one():\n    pytest.skip('no eels here')\n", "1 failed"),
    "marked": (
        "import pytest\n@pytest.mark.skipif(True, reason='no eels here')\ndef test_one():\n    pass\n",
        "1 error",
    ),
    "the whole module": ("import pytest\npytest.skip('no eels here', allow_module_level=True)\n", "1 error"),
}
EXPECTED = "import pytest\n@pytest.mark.xfail\ndef test_one():\n    raise ValueError\ndef test_two():\n    pass\n"


def _run(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "e2e.cluster.strict", "-p", "no:cacheprovider", str(folder)]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)


@pytest.mark.parametrize("how", SKIPPED)
def test_skipped_is_failed_and_says_why(tmp_path: Path, how: str) -> None:
    text, counted = SKIPPED[how]
    done = _run(tmp_path, text)
    assert done.returncode != 0
    assert "nothing may be skipped here. " in done.stdout
    assert "no eels here" in done.stdout
    assert counted in done.stdout.splitlines()[-1]


def test_expected_failure_is_none(tmp_path: Path) -> None:
    done = _run(tmp_path, EXPECTED)
    assert done.returncode == 0
    assert "1 passed, 1 xfailed" in done.stdout
