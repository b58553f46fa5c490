"""One process of ours beside a control plane, as the ServiceAccount that it has in a cluster."""

import signal
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Final

import yaml

from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.cluster.ports import free_port
from e2e.cluster.processes import POLL, Mark, Process
from e2e.gated.health import health

SYSTEM_NAMESPACE: Final = "kubeapprove-system"
START_SECONDS = 20.0


class Server(ABC):
    """Started by `start`; `state` holds its token, settings and output."""

    program: str
    """Name of its command, and of its ServiceAccount in the system namespace."""
    is_measured = True
    """Whether a test run's coverage is taken from it: that costs it a third of its speed."""

    def __init__(self, control_plane: ControlPlane, state: Path, *, detached: bool = False) -> None:
        self.control_plane, self.state, self._detached = control_plane, state, detached
        self.health_port = free_port()
        self._process: Process | None = None

    @abstractmethod
    def arguments(self) -> list[str]:
        """The subcommand and its options, but for health and API server."""

    @property
    def log(self) -> Path:
        """Records (stdout) and logs (stderr), as they came."""
        return self.state / f"{self.program.removeprefix('kubeapprove-')}.log"

    @property
    def settings_file(self) -> Path:
        """The file that $KUBEAPPROVE_SETTINGS names."""
        return self.state / "settings.yaml"

    @property
    def mark(self) -> Mark:
        """Pid and start time."""
        assert self._process is not None
        return self._process.mark

    def write_files(self, settings: dict[str, object]) -> None:
        """Write token and settings."""
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        token = self.control_plane.service_account_token(SYSTEM_NAMESPACE, self.program)
        (self.state / "token").write_text(token)
        self.settings_file.write_text(yaml.safe_dump(settings))

    def start(self) -> None:
        """Start the process and return when it is ready."""
        self.launch()
        self.wait()

    def wait(self) -> None:
        """Return when the process is ready."""
        end = time.monotonic() + START_SECONDS
        while self.health("/readyz") != 200:
            assert self._process is not None
            self._process.check()
            if time.monotonic() > end:
                raise ClusterError(f"{self.program} was not ready after {START_SECONDS:.0f} s; log in {self.log}")
            time.sleep(POLL)

    def launch(self) -> None:
        """Start the process without waiting."""
        command: list[str | Path] = [
            "/usr/bin/env",
            *([] if self.is_measured else ["-u", "COVERAGE_PROCESS_CONFIG"]),
            f"KUBEAPPROVE_SETTINGS={self.settings_file}",
            Path(sys.executable).parent / self.program,
            *self.arguments(),
            "--health-host=127.0.0.1",
            f"--health-port={self.health_port}",
            f"--api-server={self.api_server}",
            f"--api-ca={self.api_ca}",
            f"--api-token-file={self.state / 'token'}",
        ]
        self._process = Process(self.program, command, cwd=Path.cwd(), log=self.log, detached=self._detached)

    def health(self, path: str) -> int:
        """Return the status of a path of the health port, 0 where nobody answers."""
        return self.health_text(path)[0]

    def health_text(self, path: str) -> tuple[int, str]:
        """Return status and body of a path of the health port, (0, "") where nobody answers."""
        return health(self.health_port, path)

    def metric(self, prefix: str) -> float:
        """Return the sum of the samples whose line begins with `prefix`, 0 where it does not run."""
        lines = self.health_text("/metrics")[1].splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(prefix))

    @property
    def api_server(self) -> str:
        """URL of the API server."""
        return self.control_plane.url

    @property
    def api_ca(self) -> Path:
        """CA of the API server."""
        return self.control_plane.ca_file

    @property
    def exit_code(self) -> int | None:
        """How it ended, None while it runs."""
        assert self._process is not None
        return self._process.exit_code

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.mark.alive()

    def check(self) -> None:
        """Raise where the process has ended."""
        assert self._process is not None
        self._process.check()

    def signal(self, number: int) -> None:
        """Send a signal, where it runs."""
        if self._process is not None:
            self._process.signal(number)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        assert self._process is not None
        self._process.signal(signal.SIGKILL)
        self._process.stop(1)

    def terminate(self) -> None:
        """SIGTERM, without waiting."""
        self.signal(signal.SIGTERM)

    def stop(self) -> None:
        """SIGTERM, then SIGKILL; returns when it is gone."""
        if self._process is not None:
            self._process.stop(15)
            self._process = None

    def leave_running(self) -> None:
        """Forget the process without ending it."""
        if self._process is not None:
            self._process.disown()
            self._process = None
