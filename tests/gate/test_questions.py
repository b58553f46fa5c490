"""Questions about rights are answered, whoever asks: they store nothing. Before 1.37 they come to the gate."""

import pytest

from e2e.cluster.cache import kubernetes_version
from tests.gate.asking import Place

pytestmark = pytest.mark.cluster
SENT = kubernetes_version() in ("1.35.4", "1.36.3")


@pytest.mark.parametrize(
    ("question", "code", "answer"),
    [
        (("can-i", "create", "pods"), 0, "yes"),
        (("can-i", "fly", "pods", "--as=nobody"), 1, "no"),
        (("whoami",), 0, "agent:bot"),
    ],
    ids=["what may I", "what may somebody", "who am I"],
)
def test_answered_and_nothing_asked_for(place: Place, question: tuple[str, ...], code: int, answer: str) -> None:
    who = "admin" if "--as=nobody" in question else "agent"
    before = place.gated.webhook.answers()
    done = place.kubectl("auth", *question, as_=who)
    assert (done.returncode, answer in done.stdout) == (code, True), done
    assert place.gated.webhook.answers() - before == int(SENT and who == "agent")
    assert place.items("manifestapprovals") == []
