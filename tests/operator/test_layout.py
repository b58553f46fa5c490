"""The folder `operator` is no package: it would stand in the way of Python's own module of that name."""

import operator
from pathlib import Path

import kubeapprove_operator

FOLDER = Path(kubeapprove_operator.__file__).parents[1]


def test_no_package_hides_pythons_operator() -> None:
    assert FOLDER.name == "operator"
    assert not (FOLDER / "__init__.py").exists()
    assert not Path(operator.__file__).is_relative_to(FOLDER.parent)
