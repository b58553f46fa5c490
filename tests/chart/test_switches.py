"""Each switch of the chart adds or takes away what it says, and everything renders in any mixture."""

from typing import Any

import pytest

from tests.chart.helm import EVERYTHING, pod_templates, render, run

ALWAYS = {"Deployment", "Service", "PodDisruptionBudget", "ServiceAccount", "ClusterRole", "Namespace", "Job", "Pod"}


def kinds(values: dict[str, Any]) -> set[str]:
    return {document["kind"] for document in render(values)}


@pytest.mark.parametrize(
    ("values", "makes"),
    [
        ({"certManager": {"enabled": True}}, {"Certificate", "Issuer"}),
        ({"certManager": {"enabled": True, "issuerRef": {"name": "ours", "kind": "ClusterIssuer"}}}, {"Certificate"}),
        ({"monitoring": {"serviceMonitor": True}}, {"ServiceMonitor"}),
        ({"monitoring": {"prometheusRule": True, "labels": {"release": "prometheus"}}}, {"PrometheusRule"}),
        (
            {"admissionPolicies": {"enabled": True}},
            {"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"},
        ),
    ],
)
def test_turned_on_it_makes(values: dict[str, Any], makes: set[str]) -> None:
    assert kinds(values) - kinds({}) == makes


@pytest.mark.parametrize(
    ("values", "takes"),
    [
        ({"networkPolicy": {"enabled": False}}, {"NetworkPolicy"}),
        ({"flowControl": {"enabled": False}}, {"FlowSchema", "PriorityLevelConfiguration"}),
    ],
)
def test_turned_off_it_takes_away(values: dict[str, Any], takes: set[str]) -> None:
    assert kinds({}) - kinds(values) == takes


def test_roles_for_people_can_be_left_out() -> None:
    names = {one["metadata"]["name"] for one in render({"roles": {"create": False}}) if one["kind"] == "ClusterRole"}
    made = {one["metadata"]["name"] for one in render() if one["kind"] == "ClusterRole"}
    assert {
        f"kubeapprove-{role}" for role in ("requester", "approver", "keeper", "breakglass", "viewer")
    } == made - names


@pytest.mark.parametrize("values", [{}, dict(EVERYTHING)], ids=["defaults", "everything"])
def test_lint_has_no_complaint(values: dict[str, Any]) -> None:
    done = run("lint", values)
    assert done.returncode == 0, done.stdout
    assert "WARNING" not in done.stdout


def test_values_of_pods_reach_every_pod() -> None:
    objects = render(EVERYTHING)
    pods = pod_templates(objects)
    assert set(pods) == {f"kubeapprove-{name}" for name in ("webhook", "operator", "crds", "unregister", "sneak")}
    for name, pod in pods.items():
        (container,) = pod["spec"]["containers"]
        assert container["image"] == f"kubeapprove@sha256:{'0' * 64}", name
        assert pod["spec"]["imagePullSecrets"] == [{"name": "registry"}], name
    assert pods["kubeapprove-webhook"]["metadata"]["labels"]["team"] == "a"
    assert pods["kubeapprove-webhook"]["metadata"]["annotations"]["b"] == "c"
    for name in ("operator", "crds", "unregister"):
        assert pods[f"kubeapprove-{name}"]["spec"]["tolerations"] == [{"operator": "Exists"}], name


def test_selectors_do_not_change_with_values_and_versions() -> None:
    """A Deployment's selector cannot be changed: an upgrade that tried would fail."""
    for one in render(EVERYTHING):
        if one["kind"] == "Deployment":
            assert one["spec"]["selector"]["matchLabels"] == {
                "app.kubernetes.io/name": "kubeapprove",
                "app.kubernetes.io/instance": "kubeapprove",
                "app.kubernetes.io/component": one["metadata"]["name"].removeprefix("kubeapprove-"),
            }


def test_another_setting_starts_both_anew() -> None:
    def checksums(values: dict[str, Any]) -> set[str]:
        pods = pod_templates(render(values))
        return {pods[f"kubeapprove-{name}"]["metadata"]["annotations"]["checksum/settings"] for name in PROGRAMS}

    assert checksums({"settings": {"maxPending": 5}}).isdisjoint(checksums({}))


PROGRAMS = ("webhook", "operator")
