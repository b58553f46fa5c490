"""Where one phase happens: three namespaces of its own, so that the next begins with none of its objects."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.gated.policies import policy, rule
from e2e.storm.nonces import Nonces
from e2e.storm.sample import Kind

PERSON: Final = "carol"
APPROVER: Final = "alice"
AGENTS: Final = 4
SLOTS: Final = 9
"""Objects of each kind that one agent has; its requests that wait for people stay below `maxPending`."""


@dataclass(frozen=True, slots=True)
class Names:
    """What one run calls its things: `run` is in each name, so that runs share a cluster."""

    run: str

    @property
    def policy(self) -> str:
        """The policy, and the roles."""
        return f"storm-{self.run}"

    @property
    def home(self) -> str:
        """The namespace of the agents' ServiceAccounts."""
        return f"storm-{self.run}"

    @property
    def agents(self) -> Sequence[str]:
        """The agents' usernames."""
        return [f"system:serviceaccount:{self.home}:agent-{number}" for number in range(AGENTS)]

    def place(self, number: int) -> "Place":
        """Return the place of a phase."""
        return Place(f"storm-{self.run}-{number}", self)


@dataclass(frozen=True, slots=True)
class Place:
    """Namespaces of one phase: `asked` for what needs approval, `free` and `kept` for what rules decide."""

    asked: str
    names: Names

    @property
    def free(self) -> str:
        """Where a rule lets agents create and update."""
        return f"{self.asked}-free"

    @property
    def kept(self) -> str:
        """Where a rule denies agents everything."""
        return f"{self.asked}-kept"

    @property
    def namespaces(self) -> tuple[str, ...]:
        """All three."""
        return self.asked, self.free, self.kept

    def make(self, control_plane: ControlPlane, nonces: Nonces) -> None:
        """Create namespaces and the objects that the load changes, as a person."""
        for namespace in self.namespaces:
            _post(control_plane, "/api/v1/namespaces", {"metadata": {"name": namespace}})
        for agent in range(AGENTS):
            for slot in range(SLOTS):
                for namespace, name in ((self.asked, "same"), (self.asked, "counter"), (self.free, "free")):
                    self._config_map(control_plane, namespace, f"{name}-{agent}-{slot}", nonces)
                self._config_map(control_plane, self.kept, f"kept-{agent}-{slot}", nonces)
        _post(control_plane, f"/apis/apps/v1/namespaces/{self.asked}/deployments", _deployment())

    def remove(self, control_plane: ControlPlane) -> None:
        """Delete them and do not wait."""
        for namespace in self.namespaces:
            control_plane.raw("DELETE", f"/api/v1/namespaces/{namespace}")

    @staticmethod
    def _config_map(control_plane: ControlPlane, namespace: str, name: str, nonces: Nonces) -> None:
        body = {"metadata": {"name": name}, "data": {"n": nonces.new(Kind.PERSON)}}
        _post(control_plane, configmaps(namespace), body)


def configmaps(namespace: str, name: str = "") -> str:
    """Return the path of ConfigMaps, or of one."""
    return f"/api/v1/namespaces/{namespace}/configmaps" + (f"/{name}" if name else "")


def objects(names: Names, phases: int) -> list[dict[str, Any]]:
    """Return everything that stays for the whole run: the agents, rights for all, and the policy."""
    places = [names.place(number) for number in range(phases)]
    accounts = [{"kind": "ServiceAccount", "namespace": names.home, "name": f"agent-{n}"} for n in range(AGENTS)]
    free = [one.free for one in places]
    rules = (
        rule(
            "free",
            "Allow",
            operations=["CREATE", "UPDATE"],
            apiGroups=[""],
            resources=["configmaps"],
            namespaces=free,
        ),
        rule("kept", "Deny", namespaces=[one.kept for one in places], message="people change these"),
    )
    rights = [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["*"]},
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["*"]},
    ]
    writers = [*accounts, {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": PERSON}]
    approver = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": APPROVER}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": names.home}},
        _role(names.policy, rights),
        _binding(names.policy, names.policy, writers),
        _binding(f"{names.policy}-approver", "kubeapprove-approver", [approver]),
        policy(names.policy, accounts, rules),
    ]


def _role(name: str, rules: Sequence[Any]) -> dict[str, Any]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": rules,
    }


def _binding(name: str, role: str, subjects: Sequence[Any]) -> dict[str, Any]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": list(subjects),
    }


def _deployment() -> dict[str, Any]:
    """Return one without Pods: its controller has to see each change of it all the same."""
    labels = {"app": "steady"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "none", "image": "none"}]}}
    return {
        "metadata": {"name": "steady"},
        "spec": {"replicas": 0, "selector": {"matchLabels": labels}, "template": template},
    }


def _post(control_plane: ControlPlane, path: str, body: Any) -> None:
    status, answer = control_plane.raw("POST", path, body)
    if status != 201:
        raise ClusterError(f"{path} took nothing new: {answer.get('message', status)}")
