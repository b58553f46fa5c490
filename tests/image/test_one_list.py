"""Dockerfile and the build without an engine make the same image: one list, one lock, and that a part of ours."""

import re
import tomllib

import pytest

from image import build, contents

ROOT = build.PROJECT
PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def pinned(lock: str) -> dict[str, str]:
    return dict(PINNED.findall((ROOT / lock).read_text("utf-8")))


@pytest.mark.parametrize("lock", ["image/requirements.lock", "image/build.lock"])
def test_locks_of_the_image_are_of_the_tested_versions(lock: str) -> None:
    tested = pinned("requirements.lock")
    # pip is what venv brings; no test of ours runs by it.
    ours = {name: version for name, version in pinned(lock).items() if name != "pip"}
    assert ours == {name: tested.get(name) for name in ours}, "run `make lock`"


def test_every_dependency_of_the_servers_is_locked_and_no_tool_is() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    needed = [*project["project"]["dependencies"], *extras["webhook"], *extras["operator"]]
    names = {re.split(r"[^a-z0-9-]", entry)[0] for entry in needed}
    locked = set(pinned("image/requirements.lock"))
    assert names <= locked, "run `make lock`"
    assert not {"pytest", "mypy", "ruff", "pip", "hatchling", "uv"} & locked


@pytest.mark.parametrize("lock", ["image/requirements.lock", "image/build.lock"])
def test_locks_hold_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    entries = re.split(r"^(?=\S+==)", text, flags=re.MULTILINE)[1:]
    assert len(entries) == len(pinned(lock))
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_dockerfile_builds_by_the_same_program_and_runs_as_the_same_user() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    assert "RUN /tools/bin/python -m image.build /rootfs" in lines
    assert lines[lines.index("FROM scratch") + 1] == "COPY --from=build /rootfs /"
    assert f"USER {contents.USER}" in lines


def test_engine_is_sent_what_the_image_is_built_from() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert sent == {*build.PACKAGED, *build.DESCRIBED, "image"}


def test_every_package_of_ours_is_in_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert [package.split("/")[0] for package in packages] == list(build.PACKAGED)
