"""Runs inside the agent's Pod, where there is Python and nothing else: one request, its answer on stdout as JSON."""

import http.client
import json
import ssl
import sys
from pathlib import Path
from urllib.parse import urlsplit

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def main(method: str, where: str) -> None:
    """Send stdin as the body."""
    url = urlsplit(where if "://" in where else f"https://kubernetes.default.svc{where}")
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    headers = {"Content-Type": kind}
    if url.hostname == "kubernetes.default.svc":
        headers["Authorization"] = f"Bearer {(ACCOUNT / 'token').read_text()}"
        context = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    else:
        context = ssl._create_unverified_context()  # noqa: S323, SLF001 - whoever attacks does not check
    connection = http.client.HTTPSConnection(str(url.hostname), url.port or 443, context=context, timeout=10)
    path = f"{url.path}?{url.query}" if url.query else url.path
    connection.request(method, path, sys.stdin.buffer.read() or None, headers)
    answer = connection.getresponse()
    sys.stdout.write(json.dumps({"status": answer.status, "body": answer.read().decode()}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
