"""`kubectl exec` without stdin: refused, then claimed once and admitted; its effect needs a node (C002, C017)."""

import pytest

from tests.gate.asking import Answer, Place, asked, asked_by_kubectl, change_of, refusal
from tests.gate.samples import KINDS

pytestmark = pytest.mark.cluster
COMMAND = "?command=ls&command=-l&stdout=true"


def call(place: Place, subresource: str, query: str = "", method: str = "POST") -> Answer:
    return place.cp.raw(method, place.path("pods", "web", subresource) + query, as_="agent")


def is_admitted(answer: Answer) -> bool:
    """Whether the API server went on to look for the Pod's node, which is nowhere."""
    return answer[0] == 400 and "does not have a host assigned" in answer[1]["message"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_claimed_once(place: Place, method: str) -> None:
    place.given("pods", KINDS["Pod"].sample)
    tries = [asked(call(place, "exec", COMMAND, method)) for _ in range(3)]
    assert len({(one.approval, one.hash) for one in tries}) == 1
    assert change_of(place.approval(tries[0]))["options"]["command"] == ["ls", "-l"]
    place.approve(tries[0])
    assert is_admitted(call(place, "exec", COMMAND, method))
    assert place.approval(tries[0])["status"]["claim"]["requestUID"]
    again = asked(call(place, "exec", COMMAND, method))
    assert (again.reason, again.hash) == ("ApprovalRequired", tries[0].hash)


def test_another_command_is_another_change(place: Place) -> None:
    place.given("pods", KINDS["Pod"].sample)
    place.approve(asked(call(place, "exec", "?command=ls&stdout=true")))
    assert asked(call(place, "exec", "?command=id&stdout=true")).reason == "ApprovalRequired"


def test_kubectl_falls_back_to_spdy_without_a_second_pass(place: Place) -> None:
    place.given("pods", KINDS["Pod"].sample)
    first = asked_by_kubectl(place.kubectl("exec", "web", "--", "ls"))
    place.approve(first)
    done = place.kubectl("exec", "web", "--", "ls")
    assert done.returncode == 1
    passes = {
        event["auditID"]
        for event in place.gated.audit_events(place.namespace)
        if event.get("annotations", {}).get("changes.kubeapprove.io/reason") == "Approved"
    }
    assert len(passes) == 1


@pytest.mark.parametrize(
    ("subresource", "query"),
    [
        pytest.param("exec", "?command=sh&stdin=true&stdout=true", id="exec with stdin"),
        pytest.param("attach", "?stdout=true", id="attach"),
        pytest.param("portforward", "?ports=80", id="port-forward"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sessions_that_nobody_sees(place: Place, subresource: str, query: str, method: str) -> None:
    place.given("pods", KINDS["Pod"].sample)
    refused = refusal(call(place, subresource, query, method))
    assert refused.reason == "PolicyDenied"
    assert place.items("manifestapprovals") == []
