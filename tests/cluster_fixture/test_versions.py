"""`K8S` names one of the known versions; each has sources and a cache of its own."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.cluster import cache
from e2e.cluster.binaries import locate
from e2e.cluster.errors import ClusterError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("unset", [None, ""])
def test_no_version_named_is_the_newest(monkeypatch: pytest.MonkeyPatch, unset: str | None) -> None:
    monkeypatch.delenv("K8S", raising=False)
    if unset is not None:
        monkeypatch.setenv("K8S", unset)
    assert cache.kubernetes_version() == cache.KUBERNETES_VERSIONS[-1]


def test_each_version_has_a_cache_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    folders = set()
    for version in cache.KUBERNETES_VERSIONS:
        monkeypatch.setenv("K8S", version)
        assert f"kubernetes-{version}-" in str(cache.cache_bin())
        folders.add(cache.cache_bin())
    assert len(folders) == len(cache.KUBERNETES_VERSIONS)


@pytest.mark.parametrize("version", cache.KUBERNETES_VERSIONS)
def test_sources_are_that_version_and_its_staging_modules(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setenv("K8S", version)
    text = (cache.module_folder("kubernetes") / "go.mod").read_text()
    assert re.findall(r"k8s\.io/kubernetes v(\S+)", text) == [version]
    replaced = re.findall(r"(\S+) => (\S+) v(\S+)", text)
    assert len(replaced) > 30
    assert all(module == by and staged == f"0{version[1:]}" for module, by, staged in replaced)


@pytest.mark.parametrize("command", ["build", "up"])
def test_unknown_version_names_the_known_ones(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str) -> None:
    monkeypatch.setenv("K8S", "1.34.0")
    done = subprocess.run(
        [sys.executable, "-m", "e2e.cluster", command, f"--state={tmp_path}"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error: K8S=1.34.0 is not a Kubernetes known here: name one of 1.35.4, 1.36.3, 1.37.2, or unset it for 1.37.2.\n"
    )


def test_assets_of_another_version_are_no_substitute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in cache.ASSETS:
        (tmp_path / name).write_text("#!/bin/sh\necho Kubernetes v1.35.4\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    monkeypatch.setenv("K8S", "1.36.3")
    with pytest.raises(ClusterError, match=r"K8S asks for 1\.36\.3, and .* calls itself Kubernetes v1\.35\.4: unset"):
        locate(build=False)
