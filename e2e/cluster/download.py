"""Downloads one published envtest archive: `python -m e2e.cluster.download INDEX VERSION ARCHIVE FOLDER`.

A process of its own, so that whoever asks can end it at any moment: a name server, a proxy or a trickle of bytes may
take longer than any timeout of a socket. What comes out is FOLDER/ARCHIVE with the checksum that the index names, or
nothing and one sentence on stderr.

The index names each archive's SHA-512. That binds the archive to the index and nothing else: who is trusted is the
index's server, over TLS.
"""

import hashlib
import http.client
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import yaml

from e2e.cluster.errors import ClusterError

INDEX_LIMIT = 8 << 20
ARCHIVE_LIMIT = 512 << 20
CHUNK = 1 << 20
SHA512_DIGITS = 128
# What servers and indexes of any content can make the library raise.
UNUSABLE = (OSError, ValueError, http.client.HTTPException, yaml.YAMLError)


@dataclass(frozen=True, slots=True)
class Listed:
    """What the index says about one archive."""

    url: str
    sha512: str


def fetch(index: str, version: str, archive: str, folder: Path) -> None:
    """Find the archive in the index, check it, and leave it in the folder."""
    listed = find(_read(index), version, archive)
    if _leaves_tls(index, listed.url):
        raise ClusterError(f"the index offers {archive} without TLS")
    packed = folder / archive
    with packed.open("xb") as file:
        digest = _save(listed.url, file)
    if digest != listed.sha512:
        packed.unlink()
        raise ClusterError(
            f"WRONG CHECKSUM: {archive} from {listed.url} is not the file that the index names "
            f"(SHA-512 {digest[:16]}… instead of {listed.sha512[:16]}…); it was thrown away unopened"
        )


def find(index: bytes, version: str, archive: str) -> Listed:
    """Read the entry of exactly this version and platform: a neighbouring patch release is not what was asked for."""
    match yaml.safe_load(index):
        case {"releases": {**releases}}:
            pass
        case _:
            raise ClusterError("what the index's address answered is no envtest index")
    match releases.get(f"v{version}"):
        case {**archives} if archive in archives:
            pass
        case _:
            raise ClusterError(f"the index lists no {archive}")
    match archives[archive]:
        case {"hash": str(digest), "selfLink": str(url)} if len(digest) == SHA512_DIGITS:
            return Listed(url, digest.lower())
        case _:
            raise ClusterError(f"the index lists {archive} without address and SHA-512")


class _KeepTls(HTTPRedirectHandler):
    """A redirect may lead elsewhere, not out of TLS."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> Request | None:
        if _leaves_tls(req.full_url, newurl):
            raise ClusterError(f"{req.full_url} redirects to an address without TLS")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _leaves_tls(before: str, after: str) -> bool:
    return urlsplit(before).scheme == "https" and urlsplit(after).scheme != "https"


def _open(url: str) -> http.client.HTTPResponse:
    if urlsplit(url).scheme not in {"https", "http"}:
        raise ClusterError(f"{url} is no https address")
    answer: http.client.HTTPResponse = build_opener(_KeepTls).open(url)
    return answer


def _read(url: str) -> bytes:
    with _open(url) as answer:
        content = answer.read(INDEX_LIMIT + 1)
    if len(content) > INDEX_LIMIT:
        raise ClusterError(f"{url} answers more than an index is long")
    return content


def _save(url: str, file: IO[bytes]) -> str:
    """Write what the address answers and return its SHA-512."""
    digest = hashlib.sha512()
    size = 0
    with _open(url) as answer:
        while chunk := answer.read(CHUNK):
            size += len(chunk)
            if size > ARCHIVE_LIMIT:
                raise ClusterError(f"{url} answers more than an archive is long")
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _in_short(error: Exception) -> str:
    """Unwrap what urllib wraps; of a YAML error, which draws a picture, the first line."""
    if isinstance(error, URLError) and isinstance(error.reason, OSError):
        error = error.reason
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text.partition("\n")[0] or type(error).__name__


def main() -> int:
    """Say in one sentence why there are no programs; there is no other way out than that and success."""
    index, version, archive, folder = sys.argv[1:]
    try:
        fetch(index, version, archive, Path(folder))
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1
    except UNUSABLE as error:
        print(f"it cannot be fetched: {_in_short(error)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
