"""A server on loopback that publishes envtest archives, well or badly."""

import hashlib
import http.server
import io
import ssl
import tarfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus

import yaml

from e2e.cluster import envtest
from e2e.cluster.cache import ASSETS, kubernetes_version
from e2e.cluster.pki import Pair

INDEX = "/index.yaml"
Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


class Published:
    """What is served at which path, and which paths were asked for."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.over = threading.Event()

    @property
    def index(self) -> str:
        """The address to put into KUBEAPPROVE_ENVTEST_INDEX."""
        return self.address + INDEX

    def publish(self, content: bytes, *, listed: bytes | None = None, address: str | None = None) -> None:
        """Serve this archive, and an index that has the checksum of `listed` at `address`, else of and at this one."""
        digest = hashlib.sha512(content if listed is None else listed).hexdigest()
        link = f"{self.address if address is None else address}/{archive_name()}"
        entry = {archive_name(): {"hash": digest, "selfLink": link}}
        self.serve("/" + archive_name(), content)
        self.serve(INDEX, yaml.safe_dump({"releases": {f"v{kubernetes_version()}": entry}}).encode())

    def serve(self, path: str, content: bytes) -> None:
        """Answer these bytes."""

        def answer(request: http.server.BaseHTTPRequestHandler) -> None:
            request.send_response(HTTPStatus.OK)
            request.send_header("Content-Length", str(len(content)))
            request.end_headers()
            request.wfile.write(content)

        self.answers[path] = answer

    def redirect(self, path: str, address: str) -> None:
        """Send whoever asks elsewhere."""

        def answer(request: http.server.BaseHTTPRequestHandler) -> None:
            request.send_response(HTTPStatus.FOUND)
            request.send_header("Location", address)
            request.end_headers()

        self.answers[path] = answer

    def stay_silent(self, path: str) -> None:
        """Take the request and answer nothing until the test is over."""

        def answer(_: http.server.BaseHTTPRequestHandler) -> None:
            self.over.wait()

        self.answers[path] = answer

    def trickle(self, path: str) -> None:
        """Send a byte now and then, so that no timeout of a socket ever strikes."""

        def answer(request: http.server.BaseHTTPRequestHandler) -> None:
            request.send_response(HTTPStatus.OK)
            request.end_headers()
            while not self.over.wait(0.05):
                request.wfile.write(b" ")

        self.answers[path] = answer


@contextmanager
def publishing(pair: Pair | None = None) -> Iterator[Published]:
    """Serve on a free port, with TLS when there is a certificate for it."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            published.asked.append(self.path)
            known = published.answers.get(self.path)
            try:
                known(self) if known else self.send_error(HTTPStatus.NOT_FOUND)
            except ConnectionError:  # the one who asked was ended, as it should
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: `asked` is the record."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a refused TLS handshake is the client's to tell
    if pair is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    published = Published(f"{'http' if pair is None else 'https'}://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield published
    finally:
        published.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def archive_name() -> str:
    """The name that this machine's archive has in the index."""
    return envtest.archive_name()


def pack(members: Mapping[str, str | tarfile.TarInfo]) -> bytes:
    """Make an archive: a text becomes a program, a TarInfo goes in as it is."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
                continue
            member = tarfile.TarInfo(name)
            member.size = len(content.encode())
            archive.addfile(member, io.BytesIO(content.encode()))
    return packed.getvalue()


def programs() -> dict[str, str]:
    """What a real archive holds, in the folder where it holds it, as scripts that say which one they are."""
    return {f"controller-tools/envtest/{name}": f"#!/bin/sh\necho published {name}\n" for name in ASSETS}
