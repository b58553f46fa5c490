"""The approval changes between read and write: read again by quorum, decide again, at most three times."""

from tests.webhook import apiserver, reviews
from tests.webhook.apiserver import ApiServer
from tests.webhook.world import World


def touch(server: ApiServer) -> None:
    """Somebody labels the approval."""
    server.put(server.only())


def remove(server: ApiServer) -> None:
    """Somebody deletes the approval."""
    server.approvals.clear()


def revoke(server: ApiServer) -> None:
    """Somebody revokes the approval."""
    approval = server.only()
    revoked = {"by": {"username": "bob"}, "at": "2026-01-31T09:00:00.000000Z", "reason": "no"}
    server.put(approval | {"spec": approval["spec"] | {"revoked": revoked}})


def deny(server: ApiServer) -> None:
    """Somebody denies the change."""
    approval = server.only()
    server.put(reviews.decided(approval, bob=reviews.decision(approval, "bob", "Denied")))


def test_conflict_is_read_and_judged_again(world: World) -> None:
    world.approved(reviews.request())
    world.server.on("claim", apiserver.first(touch))
    assert world.judge(reviews.request()).allowed
    assert world.server.calls[-3:] == ["get approval", "access review", "claim"]


def test_revoked_just_before_the_claim(world: World) -> None:
    world.approved(reviews.request())
    world.server.on("claim", apiserver.first(revoke))
    assert not world.judge(reviews.request()).allowed
    assert world.server.count("claim") == 1


def test_denied_just_before_the_claim(world: World) -> None:
    world.approved(reviews.request())
    world.server.on("claim", apiserver.first(deny))
    assert world.judge(reviews.request()).reason == "ApprovalDenied"


def test_deleted_just_before_the_claim_is_asked_for_again(world: World) -> None:
    world.approved(reviews.request())
    world.server.on("claim", apiserver.first(remove))
    assert world.judge(reviews.request()).reason == "ApprovalRequired"


def test_conflict_without_end_is_a_refusal(world: World) -> None:
    world.approved(reviews.request())
    world.server.on("claim", *(apiserver.first(touch) for _ in range(9)))
    reply = world.judge(reviews.request())
    assert (reply.allowed, reply.reason) == (False, "Conflict")
    assert world.server.count("claim") == 4
    assert reply.response["status"]["details"]["retryAfterSeconds"] == 30


def test_stale_read_refuses_nobody(world: World) -> None:
    world.judge(reviews.request())
    pending = world.server.only()
    world.approve()
    key = ("shop", pending["metadata"]["name"])
    for stale in (pending, None):
        world.server.stale[key] = stale
        assert world.judge(reviews.request()).allowed


def test_stale_read_lets_nobody_through(world: World) -> None:
    approved = world.approved(reviews.request("CREATE"))
    assert world.judge(reviews.request("CREATE")).allowed
    world.server.stale["shop", approved["metadata"]["name"]] = approved
    assert world.judge(reviews.request("CREATE")).reason == "ApprovalRequired"


def test_somebody_else_asks_at_the_same_time(world: World) -> None:
    def same(server: ApiServer) -> None:
        server.put(server.sent("create approval")[-1])

    world.server.on("create approval", apiserver.first(same))
    assert world.judge(reviews.request()).reason == "ApprovalPending"
    assert len(world.server.approvals) == 1


def test_finished_one_is_replaced_by_another_process_first(world: World) -> None:
    world.approved(reviews.request("CREATE"))
    assert world.judge(reviews.request("CREATE")).allowed
    spec = world.server.only()["spec"]

    def replace(server: ApiServer) -> None:
        old = server.only()
        remove(server)
        fresh = {key: value for key, value in spec.items() if key != "decisions"}
        server.put({"metadata": {key: old["metadata"][key] for key in ("name", "namespace")}} | _kind(fresh))

    world.server.on("delete approval", apiserver.first(replace))
    assert world.judge(reviews.request("CREATE")).reason == "ApprovalPending"


def _kind(spec: reviews.Object) -> reviews.Object:
    return {"apiVersion": "kubeapprove.io/v1alpha1", "kind": "ManifestApproval", "spec": spec}


def test_finished_one_is_gone_before_we_delete_it(world: World) -> None:
    world.approved(reviews.request("CREATE"))
    assert world.judge(reviews.request("CREATE")).allowed
    world.server.on("delete approval", apiserver.first(remove))
    assert world.judge(reviews.request("CREATE")).reason == "ApprovalRequired"


def test_what_was_approved_before_the_namespace_terminates_goes_through(world: World) -> None:
    world.approved(reviews.request())
    world.server.on("create approval", apiserver.fails(403, "Forbidden", causes=[{"reason": "NamespaceTerminating"}]))
    assert world.judge(reviews.request()).allowed
    assert world.judge(reviews.request("DELETE")).reason == "NamespaceTerminating"


def test_namespace_is_terminating(world: World) -> None:
    causes = [{"reason": "Other"}, {"reason": "NamespaceTerminating", "field": "metadata.namespace"}]
    world.server.on("create approval", apiserver.fails(403, "Forbidden", causes=causes))
    reply = world.judge(reviews.request())
    assert (reply.allowed, reply.reason) == (False, "NamespaceTerminating")


def test_namespace_of_approvals_is_missing(world: World) -> None:
    world.server.namespaces.clear()
    reply = world.judge(reviews.request())
    assert (reply.allowed, reply.reason) == (False, "Unavailable")
    assert "namespace shop does not exist; have it created" in reply.message
