"""Makes the image's file system: `python -m image.build FOLDER`, on Debian or Ubuntu, as anybody.

Packages come through apt from the system's own sources, which checks their signatures; wheels by the hashes of
image/requirements.lock. Everything has one time stamp, so that the same versions make the same bytes. The Dockerfile
runs this file as well: nothing but the standard library is imported, and pip and hatchling are run (image/build.lock),
by a Python of the version that apt has.
"""

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from image import contents, sbom

HERE: Final = Path(__file__).parent
PROJECT: Final = HERE.parent
DESCRIBED: Final = ("pyproject.toml", "README.md", "LICENSE")
PACKAGED: Final = ("core", "server", "webhook", "operator", "cli")
_NOT_FOLLOWED: Final = ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")
_APT: Final = ("apt-cache", "depends", "--recurse", *(f"--no-{kind}" for kind in _NOT_FOLLOWED))
_ENTRY: Final = """\
#!/usr/bin/{python} -IB
import sys
from {module} import {function}
sys.exit({function}())
"""


class ImageError(Exception):
    """The image cannot be built here; the message says what to do."""


def build(root: Path) -> None:
    """Fill an absent or empty folder."""
    base(root)
    add_ourselves(root)


def base(root: Path) -> None:
    """Fill it with everything but our own code."""
    root.mkdir(parents=True, exist_ok=True)
    if any(root.iterdir()):
        raise ImageError(f"{root} is not empty: name a folder that is, or that does not exist")
    root.chmod(0o755)
    names = packages()
    with tempfile.TemporaryDirectory(prefix="kubeapprove-image-") as scratch:
        _unpack(root, names, Path(scratch))
    python, site = _python(root)
    if python != (ours := f"python{sys.version_info.major}.{sys.version_info.minor}"):
        raise ImageError(f"apt has {python} and this is {ours}: run it by {python}")
    _pip("--require-hashes", "--only-binary=:all:", "--target", str(site), "-r", str(HERE / "requirements.lock"))
    _forget_where(site)
    _leave_out(root)
    _add_files(root)
    _compile(root, root / "usr" / "lib" / python, site)


def add_ourselves(root: Path) -> None:
    """Install our own code into a base, and write down what the image is made of."""
    python, site = _python(root)
    with tempfile.TemporaryDirectory(prefix="kubeapprove-image-") as scratch:
        source = Path(scratch) / "source"
        source.mkdir()
        for name in DESCRIBED:
            shutil.copy(PROJECT / name, source)
        for name in PACKAGED:
            shutil.copytree(PROJECT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        _pip("--no-build-isolation", "--no-index", "--target", str(site), str(source))
    _forget_where(site)
    _write_commands(root, site, python)
    _compile(root, *site.glob("kubeapprove*"))
    bill = root / contents.SBOM
    bill.parent.mkdir(parents=True)
    bill.write_text(json.dumps(sbom.document(root), indent=1) + "\n", encoding="utf-8")
    _date(root)


def _unpack(root: Path, names: Sequence[str], scratch: Path) -> None:
    """Fetch the packages and unpack their files; their scripts are never run."""
    for name in ("bin", "lib", "lib64", "sbin"):  # the merged /usr, which some releases make by a script
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    debs = scratch / "debs"
    debs.mkdir(mode=0o755)
    _run("apt-get", "-qq", "download", *names, cwd=debs)
    for deb in sorted(debs.iterdir()):
        _run("sh", "-c", 'dpkg-deb --fsys-tarfile "$0" | tar -x --keep-directory-symlink -C "$1"', str(deb), str(root))
        known = root / "var" / "lib" / "dpkg" / "status.d" / deb.name.split("_")[0]
        known.parent.mkdir(parents=True, exist_ok=True)
        known.write_text(_run("dpkg-deb", "--field", str(deb)), encoding="utf-8")


def packages() -> list[str]:
    """Return what this system's release calls the packages of the list."""
    try:
        said = _run(*_APT, *contents.ROOTS)
    except OSError as error:
        raise ImageError("apt is not here: build with the Dockerfile, or on Debian or Ubuntu") from error
    available = {line for line in said.splitlines() if line and not line.startswith((" ", "<"))}
    found = {pattern: [name for name in available if re.fullmatch(pattern, name)] for pattern in contents.PACKAGES}
    if absent := [pattern for pattern, names in found.items() if not names]:
        raise ImageError(f"apt knows no {', '.join(absent)}: run apt-get update, or build with the Dockerfile")
    return sorted(name for names in found.values() for name in names)


def _python(root: Path) -> tuple[str, Path]:
    """Return the interpreter's name, and where Debian's looks for what no package brings."""
    python = _only(root, "usr/bin/python3.*").name
    return python, root / "usr" / "local" / "lib" / python / "dist-packages"


def _pip(*arguments: str) -> None:
    options = ("-q", "--disable-pip-version-check", "--root-user-action=ignore", "--no-deps", "--no-compile")
    _run(sys.executable, "-m", "pip", "install", *options, *arguments)


def _forget_where(site: Path) -> None:
    """Remove what names the machine of the build: commands of its Python, and where pip found our own code."""
    shutil.rmtree(site / "bin")
    for record in site.glob("*.dist-info/RECORD"):
        (record.parent / "direct_url.json").unlink(missing_ok=True)
        lines = record.read_text("utf-8").splitlines(keepends=True)
        kept = (line for line in lines if not line.startswith("../../bin/") and "direct_url.json" not in line)
        record.write_text("".join(kept), encoding="utf-8")


def _write_commands(root: Path, site: Path, python: str) -> None:
    """Write our commands: pip's name the Python that installed them."""
    entries = configparser.ConfigParser()
    entries.read(_only(site, "kubeapprove-*.dist-info") / "entry_points.txt", encoding="utf-8")
    for name, place in entries["console_scripts"].items():
        module, _, function = place.partition(":")
        command = root / "usr" / "bin" / name
        command.write_text(_ENTRY.format(python=python, module=module, function=function), encoding="utf-8")
        command.chmod(0o755)


def _leave_out(root: Path) -> None:
    for pattern in contents.LEFT_OUT:
        for path in root.glob(pattern):
            _delete(path)
    for path in (root / "usr" / "share" / "doc").rglob("*"):
        if path.is_file() and path.name != "copyright":
            path.unlink()


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _add_files(root: Path) -> None:
    for name, text in contents.FILES.items():
        (root / name).write_text(text, encoding="utf-8")
    (root / "tmp").mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)


def _compile(root: Path, *folders: Path) -> None:
    """Have the image's own Python compile all that is in them: on a read-only file system nobody can later.

    Without a change of root, for which one has to be somebody: by the image's own loader.
    """
    libraries = _only(root, "usr/lib/*-linux-gnu")
    loader = _only(libraries, "ld-linux*")
    python = root / "usr" / "bin" / _python(root)[0]
    options = ("-q", "-j0", "--invalidation-mode=unchecked-hash", "-s", str(root))
    command = (str(loader), "--library-path", str(libraries), str(python), "-PS", "-m", "compileall", *options)
    _run(*command, *map(str, folders), PYTHONHOME=str(root / "usr"))


def _date(root: Path) -> None:
    """Give everything one time stamp."""
    moment = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    for path in (root, *_everything(root)):
        os.utime(path, (moment, moment), follow_symlinks=False)


def _everything(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        yield from (Path(folder, name) for name in (*folders, *files))


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise ImageError(f"{len(found)} of {pattern} in the image: one was expected")
    return found[0]


def _run(*command: str, cwd: Path | None = None, **more: str) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, **more})
    if done.returncode != 0:
        raise ImageError(f"{command[0]} failed: {done.stderr or done.stdout}")
    return done.stdout


def main(arguments: Sequence[str]) -> int:
    """Build into the one folder that is named."""
    if len(arguments) != 1:
        print("usage: python3 -m image.build FOLDER", file=sys.stderr)
        return 2
    try:
        build(Path(arguments[0]).absolute())
    except ImageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
