"""Reasons are wire format: each has a sentence, and none that was ever sent is renamed."""

from kubeapprove.reasons import SENTENCES, Reason

FROZEN = [
    "ApprovalRequired",
    "ApprovalPending",
    "ApprovalDenied",
    "ApprovalExpired",
    "ApprovalRevoked",
    "ApprovalSpent",
    "RequirementUnmet",
    "NeverAllowed",
    "NotEnrolled",
    "PolicyDenied",
    "StorageVersion",
    "NamespaceTerminating",
    "TooLarge",
    "Unreadable",
    "Conflict",
    "Unavailable",
    "Approved",
    "NoChange",
    "StoresNothing",
    "DryRun",
    "ReasonGiven",
    "Decided",
    "HarmlessEdit",
    "NotADecider",
    "NotADecision",
    "TooManyPending",
    "NoLongerEligible",
    "PolicyUnknown",
    "AllowedByPolicy",
    "Observed",
    "NotAPolicy",
    "PolicyTaken",
]


def test_none_is_renamed_or_moved() -> None:
    assert [str(reason) for reason in Reason][: len(FROZEN)] == FROZEN


def test_each_has_a_sentence_of_its_own() -> None:
    assert list(SENTENCES) == list(Reason)
    assert len(set(SENTENCES.values())) == len(Reason)


def test_a_sentence_is_one_line() -> None:
    assert [sentence for sentence in SENTENCES.values() if "\n" in sentence or sentence.strip() != sentence] == []
