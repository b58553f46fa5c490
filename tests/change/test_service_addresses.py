"""Addresses and ports that the server gave a Service are left out; those that a client asked for are part of the change."""

import copy
from typing import Any

import pytest

from kubeapprove.strictjson import UnreadableError
from tests.change import make
from tests.change.make import entry

PORT = 'spec/ports/k:{"port":80,"protocol":"TCP"}'
OWN = [f"{PORT}/.", f"{PORT}/port"]


def service(owned: list[str] | None, /, *ports: dict[str, Any], **spec: Any) -> dict[str, Any]:
    """Return a Service; `owned` None means that it has no managedFields."""
    obj = {"metadata": {"name": "s", "uid": "u"}, "spec": {"type": "NodePort", "ports": list(ports), **spec}}
    return obj if owned is None else make.owned(obj, entry("kubectl-create", *owned))


def port(number: int = 80, **rest: Any) -> dict[str, Any]:
    return {"port": number, "protocol": "TCP", **rest}


GIVEN: dict[str, dict[str, Any]] = {
    "addresses": service(OWN, port(), clusterIP="10.0.0.1", clusterIPs=["10.0.0.1"]),
    "health check": service(OWN, port(), healthCheckNodePort=31000),
    "node port, unnamed": service(OWN, port(nodePort=30001)),
    "node port, the list's dot": service([*OWN, "spec/ports/."], port(nodePort=30001)),
}


@pytest.mark.parametrize("created", GIVEN.values(), ids=GIVEN)
def test_given_by_the_server(created: dict[str, Any]) -> None:
    before = copy.deepcopy(created)
    plain = service(OWN, *({"port": p["port"], "protocol": "TCP"} for p in created["spec"]["ports"]))
    assert make.create(created, resource="services").hash == make.create(plain, resource="services").hash
    assert created == before


def test_given_by_the_server_to_named_ports() -> None:
    made = [
        make.create(
            service(OWN, port(name="a", nodePort=number), port(81, name="b", nodePort=number + 1)), resource="services"
        )
        for number in (30001, 30007)
    ]
    assert made[0].hash == made[1].hash
    assert "nodePort" not in made[0].text


def test_a_claim_on_another_protocols_port_does_not_make_it_the_clients() -> None:
    owner = 'spec/ports/k:{"port":80,"protocol":"UDP"}/nodePort'
    document = make.create(service([owner], port(nodePort=30001)), resource="services").document
    assert "30001" not in str(document["object"])
    assert document["ownership"][0]["gained"][-1][-1] == "f:nodePort"


ASKED: dict[str, tuple[dict[str, Any], str]] = {
    "cluster address": (service(["spec/clusterIP"], port(), clusterIP="10.0.0.1"), "10.0.0.1"),
    "headless": (service(["spec/clusterIP"], port(), clusterIP="None", clusterIPs=["None"]), "None"),
    "cluster addresses": (service(["spec/clusterIPs"], port(), clusterIPs=["10.0.0.1"]), "10.0.0.1"),
    "health check": (service(["spec/healthCheckNodePort"], port(), healthCheckNodePort=31000), "31000"),
    "node port": (service([f"{PORT}/nodePort"], port(nodePort=30001)), "30001"),
    "node port, all ports owned as one": (service(["spec/ports"], port(nodePort=30001)), "30001"),
    "a part of the address": (service(["spec/clusterIP/x"], port(), clusterIP="10.0.0.1"), "10.0.0.1"),
    "everything owned as one": (service(["spec"], port(nodePort=30001)), "30001"),
    "nobody knows who asked": (service(None, port(nodePort=30001), clusterIP="10.0.0.1"), "30001"),
    "external address": (service(OWN, port(), externalIPs=["192.0.2.1"]), "192.0.2.1"),
}


@pytest.mark.parametrize(("created", "value"), ASKED.values(), ids=ASKED)
def test_asked_for_by_a_client(created: dict[str, Any], value: str) -> None:
    assert value in make.create(created, resource="services").text


def fields(old: dict[str, Any], new: dict[str, Any]) -> list[Any]:
    change = make.update(old, new, resource="services")
    return [(field["path"], field.get("from"), field.get("to")) for field in change.document["fields"]]


def test_becoming_a_node_port_service() -> None:
    old = service(OWN, port(name="a"), type="ClusterIP")
    new = service([*OWN, "spec/type"], port(name="a", nodePort=30001))
    assert fields(old, new) == [(["spec", "type"], "ClusterIP", "NodePort")]


def test_becoming_a_node_port_service_with_a_port_of_choice() -> None:
    old = service(OWN, port(name="a"), type="ClusterIP")
    new = service([*OWN, f"{PORT}/nodePort"], port(name="a", nodePort=30001))
    assert (["spec", "ports", {"name": "a"}, "nodePort"], None, 30001) in fields(old, new)


def test_a_port_comes_and_the_server_gives_it_a_node_port() -> None:
    old = service(OWN, port(name="a", nodePort=30001))
    tries = [
        fields(old, service(OWN, port(name="a", nodePort=30001), port(81, name="b", nodePort=given)))
        for given in (31, 32)
    ]
    assert tries[0] == tries[1]


CHANGED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a node port that was there": (service(OWN, port(nodePort=1)), service(OWN, port(nodePort=2))),
    "a node port moves to another port": (service(OWN, port(nodePort=1)), service(OWN, port(81, nodePort=1))),
    "an address that was there": (
        service(OWN, port(), clusterIP="10.0.0.1"),
        service(OWN, port(), clusterIP="10.0.0.2"),
    ),
    "an address goes": (service(OWN, port(), clusterIP="10.0.0.1"), service(OWN, port())),
    "a load balancer": (service(OWN, port()), service(OWN, port(), type="LoadBalancer")),
    "external addresses": (service(OWN, port()), service(OWN, port(), externalIPs=["192.0.2.1"])),
    "an address, nobody knows whose": (service(None, port()), service(None, port(), clusterIP="10.0.0.1")),
}


@pytest.mark.parametrize(("old", "new"), CHANGED.values(), ids=CHANGED)
def test_part_of_the_change(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert fields(old, new) != []


ODD: dict[str, Any] = {
    "no spec": {},
    "a spec that is no map": {"spec": [1]},
    "ports that are no list": {"spec": {"ports": {"nodePort": 1}}},
    "a port that is no map": {"spec": {"ports": [1]}},
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_odd_objects_stay_as_they_are(body: dict[str, Any]) -> None:
    obj = {"metadata": {"name": "s"}, **body}
    owned = make.owned(obj, entry("m", "spec"))
    assert make.create(owned, resource="services").document["object"] == obj
    assert make.update(owned, service(OWN, port()), resource="services").document["fields"] != []


def test_fields_that_are_no_map_are_unreadable() -> None:
    odd = make.owned(service(None, port(nodePort=1)), {"manager": "m", "fieldsV1": {"f:spec": {"f:ports": [1]}}})
    with pytest.raises(UnreadableError):
        make.create(odd, resource="services")


def test_only_services_of_the_core_group() -> None:
    created = service(OWN, port(nodePort=30001))
    assert "30001" in make.create(created, resource="example.com/services").text
    assert "30001" in make.create(created, resource="services", subResource="status").text
