"""A review that is posted to a webhook over TLS, by a client with a certificate of its own or without."""

import http.client
import ssl

from e2e.cluster.pki import Pair
from tests.webhook import reviews


def post(port: int, context: ssl.SSLContext, path: str, client: Pair | None) -> int:
    """Return the status of the answer; 0 where nobody listened."""
    if client is not None:
        context.load_cert_chain(client.certificate, client.key)
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)
    try:
        body = reviews.body(reviews.request())
        connection.request("POST", f"/{path}/changes", body, {"Content-Type": "application/json"})
        return connection.getresponse().status
    except (ssl.SSLError, OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
