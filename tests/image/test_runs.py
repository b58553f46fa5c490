"""The built image runs as its user on a read-only file system, and there is nothing in it to run but Python."""

import csv
import gzip
import json
import stat
import subprocess
from pathlib import Path

import pytest

from e2e import image as built
from e2e.node.images import Image, archive
from image import contents

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

MEGABYTES = 200
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec chroot --userspec={user} "$0" "$@"'


@pytest.fixture(scope="module")
def rootfs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built.make(tmp_path_factory.mktemp("image")).rootfs


def run(rootfs: Path, *command: str) -> subprocess.CompletedProcess[str]:
    script = READ_ONLY.format(user=contents.USER)
    isolated = ["unshare", "--mount", "sh", "-c", script, str(rootfs), *command]
    return subprocess.run(isolated, capture_output=True, text=True, check=False, env={"PATH": "/usr/sbin:/usr/bin"})


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("kubeapprove-webhook", "answers the API server"),
        ("kubeapprove-operator", "keeps approvals and the webhook"),
        ("kubectl-approve", "decide on them"),
    ],
)
def test_commands_run_as_nobody_on_a_read_only_file_system(rootfs: Path, command: str, says: str) -> None:
    done = run(rootfs, f"/usr/bin/{command}", "--help")
    assert done.returncode == 0, done.stderr
    assert says in done.stdout
    assert done.stderr == ""


def test_user_cannot_write_anything(rootfs: Path) -> None:
    probe = "import os, json; print(json.dumps([os.getuid(), os.getgid(), os.access('/tmp', os.W_OK)]))"
    done = run(rootfs, str(python(rootfs)), "-c", probe)
    assert json.loads(done.stdout) == [65532, 65532, False]


def python(rootfs: Path) -> Path:
    (found,) = rootfs.glob("usr/bin/python3.*")
    return Path("/", found.relative_to(rootfs))


def test_every_module_that_is_compiled_code_finds_its_libraries(rootfs: Path) -> None:
    """What is left out of the image is left out with all that needs it."""
    (dynload,) = rootfs.glob("usr/lib/python3.*/lib-dynload")
    standard = {path.name.split(".")[0] for path in dynload.glob("*.so")} - {"_tkinter"}
    for imported in (standard, {"kubeapprove_webhook.server", "uvloop", "httptools"}, {"kubeapprove_operator.server"}):
        done = run(rootfs, str(python(rootfs)), "-Wignore", "-c", f"import {', '.join(sorted(imported))}")
        assert (done.returncode, done.stderr) == (0, "")


def test_there_is_nothing_to_run_but_python(rootfs: Path) -> None:
    programs = {path.name for path in (rootfs / "usr/bin").iterdir()}
    assert programs == {python(rootfs).name, "kubeapprove-webhook", "kubeapprove-operator", "kubectl-approve"}
    assert list((rootfs / "usr/sbin").iterdir()) == []
    marked = stat.S_ISUID | stat.S_ISGID
    assert [path for path in rootfs.rglob("*") if not path.is_symlink() and path.stat().st_mode & marked] == []


def test_what_is_installed_is_what_was_recorded(rootfs: Path) -> None:
    """Nothing of the machine of the build is in it: no command of its Python, no cache of tests."""
    (site,) = rootfs.glob("usr/local/lib/python3.*/dist-packages")
    recorded = {
        site / row[0]
        for record in site.glob("*.dist-info/RECORD")
        for row in csv.reader(record.read_text("utf-8").splitlines())
    }
    assert {path for path in recorded if not path.exists()} == set()
    compiled = set(site.rglob("*.pyc"))
    present = {path for path in site.rglob("*") if path.is_file()} - compiled
    assert present - recorded == set()


def test_licences_are_in_it(rootfs: Path) -> None:
    packages = {path.name for path in (rootfs / "var/lib/dpkg/status.d").iterdir()}
    assert {name for name in packages if not (rootfs / "usr/share/doc" / name / "copyright").exists()} == set()


def test_it_is_small_and_its_bill_names_what_is_in_it(rootfs: Path, tmp_path: Path) -> None:
    tar = archive(Image(built.TAG, rootfs, user=contents.USER), tmp_path / "image.tar")
    assert len(gzip.compress(tar.read_bytes(), 1)) < MEGABYTES * 1_000_000
    bill = json.loads((rootfs / contents.SBOM).read_text())
    names = {component["name"] for component in bill["components"]}
    assert {"kubeapprove", "libc6", "libssl3", "aiohttp", "cel-expr-python"} <= names
    assert {"pip", "dash", "apt"} & names == set()
