"""Told to end, a replica first says with each answer that it is the last on its connection: none closes under a request."""

import http.client
import signal

from e2e.waiting import wait_until
from tests.webhook import reviews
from tests.webhook.keymaterial import PATH
from tests.webhook.process import Files, Served
from tests.webhook.world import World

LEAVES = 3
LONG = 60


def ask(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
    body, headers = reviews.body(reviews.request()), {"Content-Type": "application/json"}
    connection.request("POST", f"/{PATH}/changes?timeout=5s", body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer


def test_each_answer_is_the_last_of_its_connection_and_new_ones_are_taken(world: World, files: Files) -> None:
    served = Served(files, world.server, leave_seconds=str(LEAVES))
    kept = served.connect()
    assert ask(kept).getheader("Connection") is None
    served.terminate()

    def is_leaving() -> bool:
        """Each request opens a connection where the one before was the last."""
        return ask(kept).getheader("Connection") == "close"

    wait_until(is_leaving, "the webhook left its connections", LEAVES)
    assert kept.sock is None  # as the client understands it
    new = served.connect()
    answer = ask(new)
    assert (answer.status, answer.getheader("Connection")) == (200, "close")
    assert served.wait() == 0


def test_interrupted_it_does_not_wait(world: World, files: Files) -> None:
    served = Served(files, world.server, leave_seconds=str(LONG))
    served.terminate(signal.SIGINT)
    assert served.wait() == 0


def test_told_twice_it_does_not_wait(world: World, files: Files) -> None:
    served = Served(files, world.server, leave_seconds=str(LONG))
    served.terminate()
    kept = served.connect()
    wait_until(lambda: ask(kept).getheader("Connection") == "close", "the first was heard")
    served.terminate()
    assert served.wait() == 0
