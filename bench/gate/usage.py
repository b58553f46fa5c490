"""What processes use, from proc(5), and what one sync to disk takes."""

import os
import statistics
import tempfile
import time
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_SYNCS = 100


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a process, all threads, in seconds; its resolution is a tick, 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mib(pid: int) -> float:
    """Return the most resident memory that a process has ever had, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def fsync_milliseconds() -> float:
    """Return the median time of a small write with fdatasync where the cluster's state will be, in milliseconds."""
    times = []
    with tempfile.TemporaryFile(buffering=0) as file:
        for _ in range(_SYNCS):
            started = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def processor() -> str:
    """Return the processor's name, or what kind it is."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return os.uname().machine
