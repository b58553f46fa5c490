"""`make demo`: the story on a real API server. Exit code 1 where anything comes out otherwise than it is told."""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from e2e.cluster.cache import kubernetes_version
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.demo import story
from e2e.demo.steps import StoryError
from e2e.demo.teller import Teller
from e2e.gated.gated import Gated


def main() -> int:
    """Tell it; whatever goes wrong is one sentence on stderr."""
    started = time.monotonic()
    try:
        _demo()
    except (ClusterError, StoryError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `make demo | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    seconds = time.monotonic() - started
    print(f"everything came out as told, {seconds:.0f} s in all; `make playground` leaves it running", file=sys.stderr)
    return 0


def _demo() -> None:
    with _waiting(f"starting etcd and Kubernetes {kubernetes_version()}"):
        control_plane = ControlPlane().start()
    with ExitStack() as ending:
        ending.callback(control_plane.stop)
        gated = Gated(control_plane, policies=(), operator=True)
        ending.callback(gated.stop_servers)
        with _waiting("starting the webhook, and the operator, which registers it for the agents of policies"):
            gated.start()
            control_plane.kubectl("create", "namespace", story.SCRATCH)
        _tell(control_plane, gated)


def _tell(control_plane: ControlPlane, gated: Gated) -> None:
    def environment(who: str) -> Mapping[str, str]:
        return os.environ if who == story.HOST else control_plane.environment(who)

    teller = Teller(environment, lambda: control_plane.kubectl(*story.PROBE).stdout)
    teller.tell(story.policy())
    with _waiting("waiting until the operator has registered the group `agents`"):
        gated.wait_until_gated()
    teller.tell(story.gated())
    teller.tell(story.killed(gated.webhook.mark.pid))
    gated.webhook.kill()  # dead already; this waits until the kernel has taken its port back
    teller.tell(story.without_webhook())


@contextmanager
def _waiting(text: str) -> Iterator[None]:
    started = time.monotonic()
    print(f"{text} …", end="", file=sys.stderr, flush=True)
    try:
        yield
    except BaseException:
        print(file=sys.stderr)
        raise
    print(f" {time.monotonic() - started:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
