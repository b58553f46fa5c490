"""crds/ holds exactly what the models say."""

import runpy
from pathlib import Path

import pytest
import yaml

from kubeapprove import crd, policycrd

ROOT = Path(__file__).parents[2]
DOCUMENTS = {
    crd.FILE_NAME: crd.custom_resource_definition(),
    policycrd.FILE_NAME: policycrd.custom_resource_definition(),
}


def test_the_files_in_the_tree_are_the_generated_ones() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "crds").iterdir()}
    assert written == crd.definitions(), "run `make crds`"


def test_a_yaml_reader_sees_the_same_documents() -> None:
    assert {name: yaml.safe_load(text) for name, text in crd.definitions().items()} == DOCUMENTS


def test_the_command_writes_the_files(tmp_path: Path) -> None:
    assert crd.main(["--write", str(tmp_path / "made")]) == 0
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "made").iterdir()}
    assert written == crd.definitions()
    assert all(text.startswith("# Made by") for text in written.values())


def test_it_runs_as_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["crd", "--write", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(crd.__file__), run_name="__main__")
    assert ended.value.code == 0
    assert {path.name for path in tmp_path.iterdir()} == set(DOCUMENTS)


def test_the_command_prints_without_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert crd.main([]) == 0
    assert list(yaml.safe_load_all(capsys.readouterr().out)) == list(DOCUMENTS.values())
