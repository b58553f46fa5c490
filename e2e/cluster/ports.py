"""Free loopback ports, never the same for two runs side by side."""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

# Below the range that the kernel hands out for outgoing connections (ip_local_port_range, from 32768): a port that is
# free now is not taken by some client's connection before the server binds it.
_FIRST, _LAST = 20000, 32000
# A server binds its port seconds after it was chosen. Until this process ends, a lock keeps it from everybody else.
_RESERVED: list[int] = []


def free_port() -> int:
    """Return a port that nobody listens on, and that no other process of ours was given."""
    while True:
        port = random.randint(_FIRST, _LAST)  # noqa: S311
        if _is_free(port) and _reserve(port):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _reserve(port: int) -> bool:
    """Take the port's lock; False where somebody else holds it, or we ourselves."""
    folder = Path(tempfile.gettempdir()) / f"kubeapprove-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(folder / str(port), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return False
    _RESERVED.append(lock)
    return True
