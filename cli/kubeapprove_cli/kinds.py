"""From a manifest's kind to the resource that a request names: by a table of the built-in kinds, or by the cluster."""

import re
from dataclasses import dataclass
from typing import Any, Final

from kubeapprove.printable import quoted
from kubeapprove_cli.errors import NotFoundError, NotServedError, UsageError
from kubeapprove_cli.kube import Kubectl, object_path

_NAMESPACED: Final = {
    "": (
        "ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController "
        "ResourceQuota Secret Service ServiceAccount"
    ),
    "apps": "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    "autoscaling": "HorizontalPodAutoscaler",
    "batch": "CronJob Job",
    "certificates.k8s.io": "PodCertificateRequest",
    "coordination.k8s.io": "Lease LeaseCandidate",
    "discovery.k8s.io": "EndpointSlice",
    "events.k8s.io": "Event",
    "networking.k8s.io": "Ingress NetworkPolicy",
    "policy": "PodDisruptionBudget",
    "rbac.authorization.k8s.io": "Role RoleBinding",
    "resource.k8s.io": "ResourceClaim ResourceClaimTemplate",
    "storage.k8s.io": "CSIStorageCapacity",
}
_CLUSTER_SCOPED: Final = {
    "": "Namespace Node PersistentVolume",
    "admissionregistration.k8s.io": (
        "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration ValidatingAdmissionPolicy "
        "ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration"
    ),
    "apiextensions.k8s.io": "CustomResourceDefinition",
    "apiregistration.k8s.io": "APIService",
    "certificates.k8s.io": "CertificateSigningRequest ClusterTrustBundle",
    "flowcontrol.apiserver.k8s.io": "FlowSchema PriorityLevelConfiguration",
    "networking.k8s.io": "IPAddress IngressClass ServiceCIDR",
    "node.k8s.io": "RuntimeClass",
    "rbac.authorization.k8s.io": "ClusterRole ClusterRoleBinding",
    "resource.k8s.io": "DeviceClass DeviceTaintRule ResourceSlice",
    "scheduling.k8s.io": "PriorityClass",
    "storage.k8s.io": "CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass",
}
_OF_OTHERS: Final = {
    ("", "PodExecOptions"): "pods/exec",
    ("", "PodAttachOptions"): "pods/attach",
    ("", "PodPortForwardOptions"): "pods/portforward",
    ("", "PodProxyOptions"): "pods/proxy",
    ("", "ServiceProxyOptions"): "services/proxy",
    ("", "NodeProxyOptions"): "nodes/proxy",
    ("", "Binding"): "pods/binding",
    ("policy", "Eviction"): "pods/eviction",
    ("authentication.k8s.io", "TokenRequest"): "serviceaccounts/token",
}
"""What is sent to a subresource of another kind."""
_RESOURCE: Final = re.compile(r"([a-z0-9-]+)((?:[.][a-z0-9-]+)*)(?:/([a-z]+))?")
CONNECTING: Final = ("exec", "attach", "portforward", "proxy")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a request about an object names. `namespaced` is None where nobody said."""

    group: str
    version: str
    plural: str
    subresource: str = ""
    namespaced: bool | None = None

    @property
    def words(self) -> str:
        """As kubectl writes it: `deployments.apps/scale`."""
        name = ".".join(part for part in (self.plural, self.group) if part)
        return "/".join(part for part in (name, self.subresource) if part)

    def path(self, namespace: str, name: str) -> str:
        """Return the path of one object at the API server, without subresource."""
        return object_path(self.group, self.version, self.plural, namespace, name)


def split(api_version: str) -> tuple[str, str]:
    """Return group and version."""
    group, _, version = api_version.rpartition("/")
    return group, version


def kind_of(obj: dict[str, Any], resource: str, kubectl: Kubectl | None) -> Kind:
    """Return what a manifest is about: as told by `resource`, by the table, or by the cluster; raises UsageError."""
    group, version = split(obj["apiVersion"])
    if resource:
        return _told(resource, group, version)
    if (other := _OF_OTHERS.get((group, obj["kind"]))) is not None:
        plural, _, subresource = other.partition("/")
        return Kind("", "v1", plural, subresource, namespaced=plural != "nodes")
    if kubectl is not None:
        return _served(kubectl, obj)
    if (known := built_in().get((group, obj["kind"]))) is not None:
        return Kind(group, version, known[0], namespaced=known[1])
    raise UsageError(
        f"{quoted(obj['kind'])} of {quoted(obj['apiVersion'])} is not a kind that this version knows by itself: name "
        "its resource, as in --resource widgets.example.io"
    )


def _told(resource: str, group: str, version: str) -> Kind:
    match = _RESOURCE.fullmatch(resource)
    if match is None:
        raise UsageError(f"{quoted(resource)} is no resource: write PLURAL.GROUP or PLURAL.GROUP/SUBRESOURCE")
    plural, told, subresource = match[1], match[2][1:], match[3] or ""
    scopes = {(group, known): namespaced for (group, _), (known, namespaced) in built_in().items()}
    # A subresource's body may be of another group (Scale is of autoscaling): then the version is a guess.
    return Kind(told, version if told == group else "v1", plural, subresource, scopes.get((told, plural)))


def _served(kubectl: Kubectl, obj: dict[str, Any]) -> Kind:
    group, version = split(obj["apiVersion"])
    try:
        served = kubectl.get(f"/apis/{group}/{version}" if group else f"/api/{version}")
    except (NotFoundError, NotServedError):
        raise UsageError(f"the cluster does not serve {quoted(obj['apiVersion'])}") from None
    for entry in served.get("resources") or ():
        if entry.get("kind") == obj["kind"] and "/" not in entry.get("name", "/"):
            return Kind(group, version, entry["name"], namespaced=bool(entry.get("namespaced")))
    raise UsageError(f"the cluster serves no {quoted(obj['kind'])} in {quoted(obj['apiVersion'])}")


def plural_of(kind: str) -> str:
    """Return a built-in kind's plural, by the rule that all of them follow."""
    word = kind.lower()
    if word == "endpoints":
        return word
    if word.endswith("s"):
        return word + "es"
    return word[:-1] + "ies" if word.endswith("y") else word + "s"


def built_in() -> dict[tuple[str, str], tuple[str, bool]]:
    """Return the table: plural and whether it is namespaced, by group and kind."""
    return {
        (group, kind): (plural_of(kind), namespaced)
        for table, namespaced in ((_NAMESPACED, True), (_CLUSTER_SCOPED, False))
        for group, kinds in table.items()
        for kind in kinds.split()
    }
