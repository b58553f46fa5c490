"""The three Go programs under `go/`, built once for each state of their sources, as the control plane's are."""

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from e2e.cluster.cache import cache_root
from e2e.cluster.errors import ClusterError
from e2e.cluster.gobuild import find_go, go_environment

SOURCES = Path(__file__).parent / "go"
NAMES = ("allow", "gate", "load")


@dataclass(frozen=True, slots=True)
class Programs:
    """Webhook that allows everything, gate in Go, load generator, and which Go built them."""

    go_version: str
    allow: Path
    gate: Path
    load: Path


def build() -> Programs:
    """Return the programs; the first time it takes seconds where the control plane was built here, else a minute."""
    go = find_go()
    folder = cache_root() / f"bench-{_digest()}"
    paths = [folder / name for name in NAMES]
    if not all(path.exists() for path in paths):
        folder.mkdir(parents=True, exist_ok=True)
        command: list[str | Path] = [
            go,
            "build",
            "-mod=readonly",
            "-trimpath",
            "-ldflags",
            "-s -w",
            "-o",
            folder,
            "./...",
        ]
        done = subprocess.run(
            command,
            cwd=SOURCES,
            env=go_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ClusterError(f"building the benchmark's Go programs failed: {done.stderr.strip()}")
    version = subprocess.run([go, "env", "GOVERSION"], env=go_environment(), capture_output=True, text=True, check=True)
    return Programs(version.stdout.strip(), *paths)


def _digest() -> str:
    digest = hashlib.sha256()
    for path in sorted(SOURCES.rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(SOURCES)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]
