"""crds/ holds exactly what the models say."""

import runpy
from pathlib import Path

import pytest
import yaml

from kubeapprove import crd

ROOT = Path(__file__).parents[2]


def test_the_file_in_the_tree_is_the_generated_one() -> None:
    written = (ROOT / "crds" / crd.FILE_NAME).read_text(encoding="utf-8")
    assert written == crd.to_yaml(crd.custom_resource_definition()), "run `make crds`"


def test_a_yaml_reader_sees_the_same_document() -> None:
    document = crd.custom_resource_definition()
    assert yaml.safe_load(crd.to_yaml(document)) == document


def test_the_command_writes_the_file(tmp_path: Path) -> None:
    assert crd.main(["--write", str(tmp_path / "made")]) == 0
    assert (tmp_path / "made" / crd.FILE_NAME).read_text(encoding="utf-8").startswith("# Made by")


def test_it_runs_as_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["crd", "--write", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(crd.__file__), run_name="__main__")
    assert ended.value.code == 0
    assert (tmp_path / crd.FILE_NAME).is_file()


def test_the_command_prints_without_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert crd.main([]) == 0
    assert yaml.safe_load(capsys.readouterr().out) == crd.custom_resource_definition()
