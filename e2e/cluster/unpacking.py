"""Takes the programs out of an envtest archive, and nothing else, whatever it holds."""

import gzip
import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath

from e2e.cluster.cache import ASSETS
from e2e.cluster.errors import ClusterError

PROGRAM_LIMIT = 512 << 20


def unpack(packed: Path, folder: Path) -> None:
    """Write the three programs as files of our own; an archive with anything unusual in it is not used at all."""
    try:
        with tarfile.open(packed, "r:gz") as archive:
            for name, member in _programs(archive, packed.name).items():
                content = archive.extractfile(member)
                assert content is not None  # it is a regular file
                with content, (folder / name).open("xb") as program:
                    shutil.copyfileobj(content, program)
                (folder / name).chmod(0o755)
    except (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise ClusterError(f"{packed.name} cannot be unpacked: {error}") from error


def _programs(archive: tarfile.TarFile, called: str) -> dict[str, tarfile.TarInfo]:
    """Look at every member before anything is written."""
    found: dict[str, tarfile.TarInfo] = {}
    for member in archive:
        path = PurePosixPath(member.name)
        if path.is_absolute() or ".." in path.parts or not (member.isreg() or member.isdir()):
            raise ClusterError(f"{called} holds {member.name!r}, which is no plain file inside it")
        if member.isreg() and path.name in ASSETS:
            if path.name in found or member.size > PROGRAM_LIMIT:
                raise ClusterError(f"{called} holds {path.name} twice, or larger than a program is")
            found[path.name] = member
    missing = [name for name in ASSETS if name not in found]
    if missing:
        raise ClusterError(f"{called} holds no {', '.join(missing)}")
    return found
