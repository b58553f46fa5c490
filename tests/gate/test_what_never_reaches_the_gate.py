"""What no admission webhook is asked about: only RBAC keeps an agent from it, as docs/security.md says (C028)."""

from typing import Any

import pytest

from tests.gate.asking import Place

pytestmark = pytest.mark.cluster

V1 = "/apis/admissionregistration.k8s.io/v1"
CONFIG_MAPS = {
    "resourceRules": [
        {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]},
    ]
}
PATCHES = {
    "patchType": "ApplyConfiguration",
    "applyConfiguration": {"expression": "Object{}"},
}
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "validatingwebhookconfigurations": {"webhooks": []},
    "mutatingwebhookconfigurations": {"webhooks": []},
    "validatingadmissionpolicies": {
        "spec": {"validations": [{"expression": "true"}], "matchConstraints": CONFIG_MAPS},
    },
    "validatingadmissionpolicybindings": {"spec": {"policyName": "x", "validationActions": ["Audit"]}},
    "mutatingadmissionpolicies": {
        "spec": {
            "matchConstraints": CONFIG_MAPS,
            "mutations": [PATCHES],
            "reinvocationPolicy": "Never",
            "failurePolicy": "Fail",
        },
    },
    "mutatingadmissionpolicybindings": {"spec": {"policyName": "x"}},
}


@pytest.mark.parametrize("plural", CONFIGURATIONS)
def test_what_admission_is_made_of(place: Place, plural: str) -> None:
    before = place.gated.webhook.answers()
    body = {"metadata": {"name": place.namespace}, **CONFIGURATIONS[plural]}
    status, answer = place.cp.raw("POST", f"{V1}/{plural}?dryRun=All", body, as_="agent")
    assert status == 201, answer
    assert place.gated.webhook.answers() == before


def test_the_registration_itself(place: Place) -> None:
    before = place.gated.webhook.answers()
    path = f"{V1}/validatingwebhookconfigurations/kubeapprove?dryRun=All"
    for method, body in (("PATCH", {"metadata": {"labels": {"a": "b"}}}), ("DELETE", None)):
        assert place.cp.raw(method, path, body, as_="agent")[0] == 200
    assert place.gated.webhook.answers() == before


def test_an_agent_that_may_impersonate_a_person(place: Place) -> None:
    before = place.gated.webhook.answers()
    headers = {"Impersonate-User": "erin", "Impersonate-Group": "system:masters"}
    assert place.cp.raw("POST", place.path("configmaps"), {"metadata": {"name": "x"}}, "agent", headers)[0] == 201
    assert place.gated.webhook.answers() == before


def test_reading(place: Place) -> None:
    before = place.gated.webhook.answers()
    for path in (place.path("secrets"), place.path("configmaps") + "?watch=true&timeoutSeconds=1", "/metrics"):
        assert place.cp.raw("GET", path, as_="agent")[0] == 200
    assert place.gated.webhook.answers() == before
