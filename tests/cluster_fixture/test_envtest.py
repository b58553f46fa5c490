"""The published archive: used where it is what the index names, given up where it does not come, never a risk."""

import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.cluster import envtest
from e2e.cluster.binaries import locate
from e2e.cluster.cache import ASSETS, cache_bin, cache_root
from e2e.cluster.pki import Authority
from e2e.waiting import wait_until
from tests.cluster_fixture.published import INDEX, Published, archive_name, pack, programs, publishing

# Stands for a Go that builds: `go build … -o FILE PACKAGE` writes a script that says which package it was.
GO = """\
#!/bin/sh
if [ "$1" = env ]; then echo go1.99; exit; fi
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\necho built %s\\n' "${3##*/}" > "$2"
chmod +x "$2"
"""


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Published]:
    """A server, an empty cache, and a Go that takes no time."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "go").write_text(GO)
    (tmp_path / "bin" / "go").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.setenv("KUBEAPPROVE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    with publishing() as server:
        monkeypatch.setenv("KUBEAPPROVE_ENVTEST_INDEX", server.index)
        yield server


def _said(program: Path) -> str:
    return subprocess.run([program], check=True, capture_output=True, text=True).stdout.strip()


def _origins() -> list[str]:
    """Where etcd, API server, kubectl and controller manager come from."""
    found = locate()
    every = (found.etcd, found.apiserver, found.kubectl, found.controller_manager)
    return [_said(program).split()[0] for program in every]


def test_archive_gives_its_three_programs_and_the_fourth_is_built(published: Published) -> None:
    published.publish(pack({**programs(), "controller-tools/envtest/README": "not a program"}))
    assert _origins() == ["published", "published", "published", "built"]
    assert _said(locate(build=False).apiserver) == "published kube-apiserver"
    assert published.asked == [INDEX, "/" + archive_name()]
    (folder,) = (path for path in cache_root().iterdir() if path.name.startswith("envtest-"))
    assert {path.name for path in folder.iterdir()} == set(ASSETS)
    assert not list(cache_root().glob(".envtest-*"))


def test_what_the_cache_has_is_asked_of_nobody(published: Published) -> None:
    cache_bin().mkdir(parents=True)
    for name in ASSETS:
        (cache_bin() / name).write_text("#!/bin/sh\necho cached\n")
        (cache_bin() / name).chmod(0o755)
    assert _origins() == ["cached", "cached", "cached", "built"]
    assert published.asked == []


def test_finding_without_building_asks_nobody(published: Published) -> None:
    with pytest.raises(Exception, match=r"not found: run `make cluster-binaries`"):
        locate(build=False)
    assert published.asked == []


def test_empty_index_address_asks_nobody_and_uses_no_archive(
    published: Published, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    published.publish(pack(programs()))
    assert envtest.fetch() == envtest.kept() != {}
    asked = list(published.asked)
    capsys.readouterr()
    monkeypatch.setenv("KUBEAPPROVE_ENVTEST_INDEX", "")
    assert envtest.fetch() == envtest.kept() == {}
    assert published.asked == asked
    assert capsys.readouterr().err == ""


def test_another_version_in_the_index_is_not_taken_for_this_one(
    published: Published, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("K8S", "1.35.4")
    published.publish(pack(programs()))
    monkeypatch.setenv("K8S", "1.36.3")
    assert envtest.fetch() == {}
    assert f"not used: the index lists no {archive_name()}; the build" in capsys.readouterr().err
    assert published.asked == [INDEX]


def test_wrong_checksum_is_never_used(published: Published, capsys: pytest.CaptureFixture[str]) -> None:
    published.publish(pack(programs()), listed=b"another archive")
    assert _origins() == ["built"] * 4
    assert "WRONG CHECKSUM" in capsys.readouterr().err
    assert [path.name for path in cache_root().iterdir()] == [cache_bin().parent.name]


@pytest.mark.parametrize("path", [INDEX, "/" + archive_name()])
@pytest.mark.parametrize("how", ["stay_silent", "trickle"])
def test_server_that_takes_its_time_is_given_up(
    published: Published, capsys: pytest.CaptureFixture[str], path: str, how: str
) -> None:
    published.publish(pack(programs()))
    getattr(published, how)(path)
    # A loaded machine may need the second for starting Python: until one try has come as far as the slow answer.
    wait_until(lambda: envtest.fetch(seconds=1) == {} and path in published.asked, "a slow answer was given up", 60)
    assert "not used: it was not here after 1 s; the build" in capsys.readouterr().err
    assert list(cache_root().iterdir()) == []


@pytest.mark.parametrize(
    ("index", "reason"),
    [
        (b"<html>Please log in</html>", "is no envtest index"),
        (b"releases: {", "it cannot be fetched: while parsing"),
        (b"releases: []", "is no envtest index"),
        (b"releases: {VERSION: {ARCHIVE: {hash: 00ff, selfLink: x}}}", "without address and SHA-512"),
        (b"releases: {VERSION: {ARCHIVE: {hash: %s, selfLink: 'file:///etc/passwd'}}}" % (b"ab" * 64), "no https"),
    ],
    ids=["a page", "no YAML", "no releases", "no checksum", "a local file"],
)
def test_index_that_makes_no_sense_is_one_sentence(
    published: Published, capsys: pytest.CaptureFixture[str], index: bytes, reason: str
) -> None:
    name = archive_name().encode()
    version = name.split(b"-")[1]
    published.serve(INDEX, index.replace(b"VERSION", version).replace(b"ARCHIVE", name))
    assert envtest.fetch() == {}
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert reason in said[1]


def test_nobody_there_is_one_sentence(
    published: Published, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    published.answers.clear()
    assert envtest.fetch() == {}
    assert "not used: it cannot be fetched: HTTP Error 404" in capsys.readouterr().err
    with publishing() as gone:
        monkeypatch.setenv("KUBEAPPROVE_ENVTEST_INDEX", gone.index)
    assert envtest.fetch() == {}
    assert "not used: it cannot be fetched: Connection refused" in capsys.readouterr().err


def _link(name: str, kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/passwd"
    return member


ETCD = "controller-tools/envtest/etcd"
TRICKS: dict[str, dict[str, str | tarfile.TarInfo]] = {
    "a path out of the folder": {"../../etcd-2": "escaped"},
    "an absolute path": {"/tmp/etcd-2": "escaped"},
    "a program that is a symbolic link": {ETCD: _link(ETCD, tarfile.SYMTYPE)},
    "a program that is a hard link": {ETCD: _link(ETCD, tarfile.LNKTYPE)},
    "a device": {"controller-tools/null": _link("controller-tools/null", tarfile.CHRTYPE)},
    "a program twice": {"elsewhere/etcd": "another"},
    "not a tar": {},
}


@pytest.mark.parametrize("trick", TRICKS)
def test_archive_with_tricks_is_refused_whole(
    published: Published, capsys: pytest.CaptureFixture[str], trick: str
) -> None:
    published.publish(pack({**programs(), **TRICKS[trick]}) if TRICKS[trick] else b"not a tar")
    assert envtest.fetch() == {}
    assert "the published archive is not used: " in capsys.readouterr().err
    assert list(cache_root().iterdir()) == []


def test_archive_without_a_program_is_refused(published: Published, capsys: pytest.CaptureFixture[str]) -> None:
    published.publish(pack({name: text for name, text in programs().items() if "kubectl" not in name}))
    assert envtest.fetch() == {}
    assert f"not used: {archive_name()} holds no kubectl; the build" in capsys.readouterr().err


def test_tls_is_verified_and_never_left(
    published: Published, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = Authority(tmp_path / "pki")
    with publishing(authority.server("published", ["127.0.0.1"])) as secure:
        monkeypatch.setenv("KUBEAPPROVE_ENVTEST_INDEX", secure.index)
        secure.publish(pack(programs()), address=published.address)
        assert envtest.fetch() == {}
        assert "certificate verify failed" in capsys.readouterr().err
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.pair.certificate))
        assert envtest.fetch() == {}
        assert "without TLS" in capsys.readouterr().err
        secure.redirect(INDEX, published.index)
        assert envtest.fetch() == {}
        assert "without TLS" in capsys.readouterr().err
        assert published.asked == []
        secure.publish(pack(programs()))
        assert set(envtest.fetch()) == set(ASSETS)
