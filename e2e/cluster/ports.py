"""Free loopback ports."""

import random
import socket

# Below the range that the kernel hands out for outgoing connections (ip_local_port_range, from 32768): a port that is
# free now is not taken by some client's connection before the server binds it.
_FIRST, _LAST = 20000, 32000


def free_port() -> int:
    """Return a port that nobody listens on; another run may still take it, so whoever binds it tries again."""
    while True:
        port = random.randint(_FIRST, _LAST)  # noqa: S311
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
