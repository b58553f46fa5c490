"""What a server of ours says about itself on its health port."""

import http.client


def health(port: int, path: str) -> tuple[int, str]:
    """Return status and body of a path, (0, "") where nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return 0, ""
    finally:
        connection.close()
