"""What the settings file says, and what holds where it says nothing."""

from datetime import timedelta

import pytest

from kubeapprove.hidden import DEFAULT_ENV_SUFFIXES
from kubeapprove.settings import Settings, read_settings

DURATIONS = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "1h30m": timedelta(minutes=90),
    "90m": timedelta(minutes=90),
    "45s": timedelta(seconds=45),
    "1h1s": timedelta(seconds=3601),
    "720h": timedelta(days=30),
    "1s": timedelta(seconds=1),
}


@pytest.mark.parametrize("text", DURATIONS)
def test_durations(text: str) -> None:
    assert read_settings({"keepFinished": text}).keep_finished == DURATIONS[text]


@pytest.mark.parametrize("document", [None, {}], ids=["an empty file", "an empty mapping"])
def test_nothing_is_said(document: dict[str, object] | None) -> None:
    settings = read_settings(document)
    assert settings == Settings()
    assert (settings.keep_finished, settings.keep_denied) == (timedelta(days=7), timedelta(days=30))
    assert settings.max_pending == 50
    assert settings.policy_writers == ()
    assert settings.named_roles == frozenset()
    assert settings.own_usernames() == (
        "system:serviceaccount:kubeapprove-system:kubeapprove-webhook",
        "system:serviceaccount:kubeapprove-system:kubeapprove-operator",
    )
    assert settings.own_groups() == (
        "system:serviceaccounts:kubeapprove-system",
        "system:serviceaccounts",
        "system:authenticated",
    )


def test_who_may_write_policies_is_named_exactly() -> None:
    writer = "system:serviceaccount:flux-system:kustomize-controller"
    assert read_settings({"policyWriters": [writer]}).policy_writers == (writer,)


ROLES = {
    "an ARN": "arn:aws:iam::111122223333:role/AWSReservedSSO_admin_0123",
    "with a path": "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_admin_0123",
    "of a session": "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_admin_0123/alice",
}


@pytest.mark.parametrize("name", ROLES)
def test_roles_whose_sessions_are_named_by_the_provider(name: str) -> None:
    """In the one form in which roles are compared."""
    assert read_settings({"namedSessionRoles": [ROLES[name]]}).named_roles == {ROLES["an ARN"]}


def test_what_is_hidden() -> None:
    settings = read_settings({"hiddenPointers": ["/spec/a~1b/~0c/~01", "/spec/*"], "hiddenEnvSuffixes": ["PIN"]})
    hiding = settings.hiding(b"key")
    assert hiding.pointers == (("spec", "a/b", "~c", "~1"), ("spec", "*"))
    assert (hiding.key, hiding.env_suffixes) == (b"key", ("PIN",))
    assert Settings().hiding(b"").env_suffixes == DEFAULT_ENV_SUFFIXES
