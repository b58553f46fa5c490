"""C021: what the registration brings to the gate, and what it never does."""

from typing import Any

import pytest

from kubeapprove.registration import APPROVALS, CHANGES, STAMP, render_registration
from tests.registration.scenes import AGENTS, BY_URL, SETTINGS, hooks

HOOKS = hooks()
WRITES = ["CREATE", "UPDATE"]
OUR_GROUP = {"apiGroups": ["kubeapprove.io"], "apiVersions": ["*"]}
RULES: dict[str, list[dict[str, Any]]] = {
    CHANGES: [
        {
            "apiGroups": ["*"],
            "apiVersions": ["*"],
            "operations": [*WRITES, "DELETE", "CONNECT"],
            "resources": ["*/*"],
        }
    ],
    APPROVALS: [
        OUR_GROUP | {"operations": WRITES, "resources": ["*/*"]},
        # Of policies alone: who deletes one lets its agents go. An approval's deletion revokes it, and a namespace with
        # approvals in it can always be deleted.
        OUR_GROUP | {"operations": ["DELETE"], "resources": ["approvalpolicies"]},
        # With its definition goes everything of a kind, and no webhook is asked about any of it.
        {
            "apiGroups": ["apiextensions.k8s.io"],
            "apiVersions": ["*"],
            "resources": ["customresourcedefinitions"],
            "operations": ["UPDATE", "DELETE"],
        },
        # It says which server answers for all of ours.
        {
            "apiGroups": ["apiregistration.k8s.io"],
            "apiVersions": ["*"],
            "resources": ["apiservices"],
            "operations": [*WRITES, "DELETE"],
        },
    ],
    STAMP: [OUR_GROUP | {"operations": WRITES, "resources": ["*/*"], "apiVersions": ["v1alpha1"]}],
}
OURS = (
    "!has(request.userInfo.username) || !(request.userInfo.username in "
    '["system:serviceaccount:kubeapprove-system:kubeapprove-webhook", '
    '"system:serviceaccount:kubeapprove-system:kubeapprove-operator"])'
)
NOT_TERMINATING = (
    "oldObject == null || !has(oldObject.metadata) || !has(oldObject.metadata.deletionTimestamp) || "
    "(object != null && has(object.spec) && has(oldObject.spec) && object.spec != oldObject.spec)"
)


def conditions(hook: dict[str, Any]) -> dict[str, str]:
    return {condition["name"]: condition["expression"] for condition in hook["matchConditions"]}


@pytest.mark.parametrize("name", RULES)
def test_rules(name: str) -> None:
    assert HOOKS[name]["rules"] == [rule | {"scope": "*"} for rule in RULES[name]]


@pytest.mark.parametrize("name", RULES)
def test_fails_closed_and_in_time(name: str) -> None:
    hook = HOOKS[name]
    assert (hook["failurePolicy"], hook["matchPolicy"], hook["timeoutSeconds"]) == ("Fail", "Equivalent", 5)
    assert hook["admissionReviewVersions"] == ["v1"]


@pytest.mark.parametrize("name", RULES)
def test_no_label_exempts_anything(name: str) -> None:
    assert (HOOKS[name]["namespaceSelector"], HOOKS[name]["objectSelector"]) == ({}, {})


def test_side_effects() -> None:
    assert {name: hook["sideEffects"] for name, hook in HOOKS.items()} == {
        CHANGES: "NoneOnDryRun",
        APPROVALS: "None",
        STAMP: "None",
    }


def test_only_the_stamp_mutates_and_is_called_again() -> None:
    kinds = {
        made["kind"]: [hook["name"] for hook in made["webhooks"]]
        for made in render_registration(SETTINGS, AGENTS, BY_URL)
    }
    assert kinds == {"ValidatingWebhookConfiguration": [CHANGES, APPROVALS], "MutatingWebhookConfiguration": [STAMP]}
    assert {name: hook.get("reinvocationPolicy") for name, hook in HOOKS.items()} == {
        CHANGES: None,
        APPROVALS: None,
        STAMP: "IfNeeded",
    }  # fmt: skip


def test_our_own_service_accounts_never_come_back_to_us() -> None:
    assert [conditions(hook)["not-ours"] for hook in HOOKS.values()] == [OURS, OURS, OURS]


def test_what_is_being_deleted_reaches_no_guard() -> None:
    assert {name: conditions(hook).get("not-terminating") for name, hook in HOOKS.items()} == {
        CHANGES: None,
        APPROVALS: NOT_TERMINATING,
        STAMP: NOT_TERMINATING,
    }


def test_without_agents_nobody_is_matched() -> None:
    empty = hooks(agents=())
    assert conditions(empty[CHANGES]) == {"agents": "false", "not-ours": OURS}


def test_people_reach_the_guards_and_never_the_webhook_for_changes() -> None:
    assert [name for name, hook in HOOKS.items() if "agents" in conditions(hook)] == [CHANGES]


def test_no_expression_touches_what_errors_for_everybody() -> None:
    expressions = [text for hook in HOOKS.values() for text in conditions(hook).values()]
    assert len(expressions) == 8
    assert [text for text in expressions if "namespaceObject" in text] == []
