"""What cannot start says why in one sentence, and leaves nothing running."""

import dataclasses
import os
from pathlib import Path

import pytest

from e2e.cluster import binaries, cache, gobuild
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError


@pytest.mark.cluster
def test_dead_etcd_is_one_sentence_with_the_end_of_its_log(tmp_path: Path) -> None:
    dying = _program(tmp_path / "etcd", "echo 'the disk is full of eels'; exit 3")
    programs = dataclasses.replace(binaries.locate(build=False), etcd=dying)
    cp = ControlPlane(state=tmp_path / "state", binaries=programs)
    with pytest.raises(ClusterError) as caught:
        cp.start()
    sentence, *tail = str(caught.value).splitlines()
    assert sentence.startswith("etcd ended with exit code 3 while it was needed")
    assert f"{tmp_path}/state/logs/etcd.log" in sentence
    assert tail == ["the disk is full of eels"]
    assert cp.marks == {}


def test_assets_folder_that_lacks_a_program_names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("etcd", "kubectl"):
        _program(tmp_path / name, "exit 0")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    with pytest.raises(ClusterError, match=r"has no kube-apiserver: run `setup-envtest use`"):
        binaries.locate(build=False)


def test_missing_programs_name_the_command_that_builds_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("K8S", raising=False)  # else the assets would have to be that version
    for name in cache.ASSETS:
        _program(tmp_path / name, "exit 0")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    monkeypatch.setenv("KUBEAPPROVE_CACHE", str(tmp_path / "cache"))
    with pytest.raises(ClusterError, match=r"^kube-controller-manager not found: run `make cluster-binaries`"):
        binaries.locate(build=False)


def test_failing_compiler_is_one_sentence_and_leaves_no_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _program(tmp_path / "go", 'if [ "$1" = env ]; then echo go1.99; else echo "no space left"; exit 1; fi')
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("KUBEAPPROVE_CACHE", str(tmp_path / "cache"))
    with pytest.raises(ClusterError, match=r"building etcd failed: .*\nno space left"):
        gobuild.build(["etcd"])
    assert list(cache.cache_bin().iterdir()) == []
    assert "building etcd" in capsys.readouterr().err


def _program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path
