"""The chart's ServiceAccounts may do what those of the tests may: what is tried there is what is installed (C060)."""

from typing import Any

import pytest
import yaml

from tests.chart.helm import CHART, render

MANIFEST = CHART.parents[1] / "e2e" / "manifests" / "system.yaml"
OURS = ("kubeapprove-webhook", "kubeapprove-operator")
Rights = dict[tuple[str, str], Any]


def rules(objects: list[dict[str, Any]]) -> Rights:
    """By kind and name: rules as they are granted, in no order."""
    return {
        (one["kind"], one["metadata"]["name"]): sorted(
            sorted((key, sorted(values)) for key, values in rule.items()) for rule in one["rules"]
        )
        for one in objects
        if one["kind"] in {"Role", "ClusterRole"} and one["metadata"]["name"] in OURS
    }


def bindings(objects: list[dict[str, Any]]) -> Rights:
    return {
        (one["kind"], one["metadata"]["name"]): (one["roleRef"], one["subjects"])
        for one in objects
        if one["kind"] in {"RoleBinding", "ClusterRoleBinding"} and one["metadata"]["name"] in OURS
    }


def test_rights_are_those_that_the_tests_run_with() -> None:
    tested = list(yaml.safe_load_all(MANIFEST.read_text()))
    assert rules(render()) == rules(tested)
    assert bindings(render()) == bindings(tested)
    assert len(rules(tested)) == len(bindings(tested)) == 4


def test_with_cert_manager_the_operator_writes_no_secret() -> None:
    granted = dict(rules(render({"certManager": {"enabled": True}})))
    role = granted.pop(("Role", "kubeapprove-operator"))
    assert role == [
        [
            ("apiGroups", [""]),
            ("resourceNames", ["kubeapprove-webhook-path", "kubeapprove-webhook-tls"]),
            ("resources", ["secrets"]),
            ("verbs", ["get"]),
        ]
    ]
    usual = rules(render())
    assert granted == {key: usual[key] for key in granted}


@pytest.mark.parametrize("name", ["crds", "unregister", "webhook", "operator"])
def test_nobody_holds_a_wildcard(name: str) -> None:
    for one in render():
        if one["kind"] in {"Role", "ClusterRole"} and one["metadata"]["name"] == f"kubeapprove-{name}":
            assert [rule for rule in one["rules"] if "*" in str(rule)] == []


def test_every_verb_of_ours_has_its_reason() -> None:
    for template in ("rbac.yaml", "roles.yaml", "hooks.yaml"):
        lines = (CHART / "templates" / template).read_text().splitlines()
        silent = [line for line in lines if "verbs: [" in line and "  # " not in line]
        # Reading is for all who have a role.
        assert [line for line in silent if line.split("verbs: ")[1] not in {"[get, list]", "[get, list, watch]"}] == []
