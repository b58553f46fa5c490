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
    rules = []
    # Behind the node's own translation of Services: Pods and API server have their true addresses there.
    if into:
        rules.append(f"ip saddr {server} ip daddr {{ {addresses} }} ct direction original drop")
    if out:
        rules.append(f"ip saddr {{ {addresses} }} ip daddr {server} ct direction original drop")
    chain = f"chain forward {{ type filter hook forward priority -10; {'; '.join(rules)}; }}"
    nodes = [node for node in ground.cluster.nodes.values() if node.running]
    try:
        for node in nodes:
            node.run("nft", f"table ip {_TABLE} {{ {chain} }}")
        yield
    finally:
        for node in nodes:
            node.run("nft", f"table ip {_TABLE}; delete table ip {_TABLE}")
