"""A network that loses what API server and webhook send each other: rules in the nodes' own network namespaces.

Only connections that one side begins are cut in one direction, so that the answers of the other's still arrive: the
two directions are two faults. Kubelets ask their Pods from inside the node, and are not in the way.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from e2e.storm.ground import Ground

_TABLE = "kubeapprove_storm"


@contextmanager
def partition(ground: Ground, *, into: bool, out: bool) -> Iterator[None]:
    """Drop what the API server sends to the webhook's Pods (`into`), and what they send to it (`out`)."""
    server = ground.control_plane.addressing.host
    addresses = ", ".join(ground.addresses())
    # Behind the node's own translation of Services: Pods and API server have their true addresses there.
    rules = [f"ip saddr {server} ip daddr {{ {addresses} }} ct direction original drop"] if into else []
    if out:
        rules.append(f"ip saddr {{ {addresses} }} ip daddr {server} ct direction original drop")
    nodes = [node for node in ground.cluster.nodes.values() if node.running]
    commands = (
        ("add", "table", "ip", _TABLE),
        ("add", "chain", "ip", _TABLE, "cut", "{ type filter hook forward priority -10; }"),
        *(("add", "rule", "ip", _TABLE, "cut", rule) for rule in rules),
    )
    try:
        for node in nodes:
            for command in commands:
                node.run("nft", *command)
        yield
    finally:
        for node in nodes:
            node.run("nft", "delete", "table", "ip", _TABLE)
