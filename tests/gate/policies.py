"""The policies in force on the gate's control plane from its start, each about agents of its own.

A file of tests that edits policies brings its own ones: waiting for the gate to learn of them takes seconds.
"""

from typing import Any, Final

from e2e.cluster import eks
from e2e.cluster.oidc import PREFIX
from e2e.gated.policies import DEFAULT_POLICY, group, policy, rule

LONG_AGO, FAR = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
DEVELOPMENT: Final = "gate-development"
"""A namespace in which a rule allows more."""
BOTS, BOUND_BOT = "bots", "bound"
"""A namespace whose every ServiceAccount is an agent, and the one that another policy names as well."""
CERTIFICATE_AGENT, OIDC_AGENTS, ROLE_AGENT = "real-agent", f"{PREFIX}ai-agents", "ai-robot"
OIDC_APPROVERS: Final = f"{PREFIX}approvers"


def approvers(*groups: str) -> list[dict[str, str]]:
    """Return groups as a list of approvers."""
    return [{"kind": "Group", "name": name} for name in groups]


BOXED: Final = policy("boxed", [group("boxed-agents", until=FAR)])
EDITED: Final = policy("edited", [group("edited-agents")], [rule("looser", names=["looser"], approval={"count": 3})])
STRAYS: Final = policy("strays", [group("strays")])
POLICIES: Final[tuple[dict[str, Any], ...]] = (
    DEFAULT_POLICY,
    BOXED,
    EDITED,
    STRAYS,
    policy(
        "quorum",
        [group("quorum-agents")],
        [rule("two", approval={"count": 2, "approvers": approvers("approvers", "leads", OIDC_APPROVERS)})],
    ),
    policy("owned", [group("owned-agents", owner="alice"), group("owned-by-a-role", owner=eks.role_arn("owner"))]),
    policy(
        "owners-may",
        [group("shared-agents", owner="alice")],
        [rule("shared", names=["shared"], approval={"allowOwner": True})],
    ),
    policy("short", [group("short-agents")], [rule("seconds", approval={"pendingFor": "3s", "useWithin": "1s"})]),
    policy("ended", [group("ended-agents", until=LONG_AGO)]),
    policy(
        "ruled",
        [group("ruled-agents")],
        [
            rule("small", "Allow", operations=["CREATE"], apiGroups=[""], resources=["configmaps"], names=["small"]),
            rule(
                "green",
                "Allow",
                operations=["CREATE"],
                apiGroups=[""],
                resources=["configmaps"],
                names=["green"],
                when="object.data.color == 'green'",
            ),
            rule(
                "development",
                "Allow",
                operations=["CREATE", "DELETE"],
                apiGroups=[""],
                resources=["configmaps", "namespaces"],
                namespaces=[DEVELOPMENT],
            ),
            rule("no-secrets", "Deny", apiGroups=[""], resources=["secrets"], message="Secrets are made by people"),
            rule(
                "production",
                namespaceSelector={"matchLabels": {"env": "production"}},
                approval={"approvers": approvers("leads")},
            ),
        ],
    ),
    policy(
        "observe",
        [group("observed-agents")],
        [rule("no-secrets", "Deny", apiGroups=[""], resources=["secrets"])],
        mode="Observe",
    ),
    policy(
        "glass",
        [group("glass-agents")],
        [
            rule("no-secrets", "Deny", apiGroups=[""], resources=["secrets"]),
            rule("leads", approval={"count": 2, "approvers": approvers("leads")}),
        ],
    ),
    policy("bots", [{"kind": "ServiceAccount", "namespace": BOTS}]),
    policy(
        "identities",
        [
            {"kind": "User", "name": CERTIFICATE_AGENT},
            {"kind": "Group", "name": OIDC_AGENTS},
            {"kind": "IAMRole", "name": eks.role_arn(ROLE_AGENT)},
            {"kind": "ServiceAccount", "namespace": BOTS, "name": BOUND_BOT},
        ],
        [rule("oidc", approval={"approvers": approvers(OIDC_APPROVERS)})],
    ),
)
LINES: Final = sum(len(one["spec"]["agents"]) for one in POLICIES)
"""How many agents they name."""
