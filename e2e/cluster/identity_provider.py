"""Who the API server asks about a bearer token: an OIDC issuer's two documents, and a TokenReview webhook.

A program of its own, started as a child, so that it outlives us where the control plane does. It imports the standard
library only and is run with `-I -S`: it starts in a tenth of a second. Everything it says is a file in its folder:

    discovery.json, jwks.json       what the issuer publishes
    tokens/SHA256-OF-THE-TOKEN.json {"expires": seconds since the epoch, "user": the UserInfo}

What is NOT checked: who asks. It listens on loopback, and an answer needs the token itself.
"""

import hashlib
import http.server
import json
import ssl
import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PUBLISHED = {"/.well-known/openid-configuration": "discovery.json", "/jwks": "jwks.json"}
REVIEW = "/token-review"
LARGEST = 1 << 20


class Handler(http.server.BaseHTTPRequestHandler):
    """Two documents to read, one question to ask."""

    protocol_version = "HTTP/1.1"
    timeout = 60.0
    folder: Path

    def do_GET(self) -> None:
        """Publish the issuer's documents."""
        name = PUBLISHED.get(self.path)
        if name is None:
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            self._answer((self.folder / name).read_bytes())

    def do_POST(self) -> None:
        """Say whose a token is; one that nobody made, or that is too old, is nobody's."""
        length = int(self.headers.get("Content-Length") or 0)
        if urlsplit(self.path).path != REVIEW or not 0 < length <= LARGEST:
            self.close_connection = True
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        review = json.loads(self.rfile.read(length))
        user = self._user(str(review["spec"]["token"]))
        status = {"authenticated": False} if user is None else {"authenticated": True, "user": user}
        answer = {"apiVersion": review["apiVersion"], "kind": review["kind"], "status": status}
        self._answer(json.dumps(answer).encode())

    def _user(self, token: str) -> dict[str, Any] | None:
        path = self.folder / "tokens" / f"{hashlib.sha256(token.encode()).hexdigest()}.json"
        try:
            known: dict[str, Any] = json.loads(path.read_text())
        except FileNotFoundError:
            return None
        user: dict[str, Any] = known["user"]
        return user if time.time() < known["expires"] else None

    def _answer(self, body: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    """A thread for each connection."""

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Say in one line that somebody hung up or spoke nonsense."""
        print(f"{client_address}: {sys.exception()!r}", file=sys.stderr)


def main(folder: str, port: str, certificate: str, key: str) -> None:
    """Serve until we are ended."""
    Handler.folder = Path(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = Server(("127.0.0.1", int(port)), Handler)
    # The handshake happens at the first read, in the thread of its connection: who sends nothing holds up nobody.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
