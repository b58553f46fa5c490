"""Which CustomResourceDefinition the policies are of.

While it is being deleted the API server answers with complete, empty lists, and one that was made anew has no policies
until somebody applies them: both look like policies that a person deleted, and mean nothing about who is an agent. So
the registration is annotated with the uid of the definition that it was rendered from.
"""

from dataclasses import dataclass
from typing import Any, Final

from kubeapprove.policies import POLICY_PLURAL
from kubeapprove.resources import GROUP
from kubeapprove_operator.api import WITHIN, Api
from kubeapprove_server.errors import KubeapproveServerError

ANNOTATION: Final = f"{GROUP}/policy-definition"
REPLACED: Final = (
    "the CustomResourceDefinition of policies is not the one that the registration was made from, and somebody who is "
    "gated may have no policy now: apply the policies of all of them, or delete the "
    "validatingwebhookconfiguration kubeapprove, which is then made from the policies that there are"
)
MEANWHILE: Final = "the CustomResourceDefinition of policies was another one before they were listed than after it"
_NAME: Final = f"{POLICY_PLURAL}.{GROUP}"
_PATH: Final = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{_NAME}"
_METADATA: Final = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"


@dataclass(frozen=True, slots=True)
class Definition:
    """Its uid, or why lists of policies prove nothing now."""

    uid: str = ""
    problem: str | None = None


async def look(api: Api) -> Definition:
    """Read it: what was listed between two reads of the same one was of that."""
    try:
        metadata: Any = (await api.call("get policy definition", "GET", _PATH, within=WITHIN, accept=_METADATA)).get(
            "metadata"
        )
    except KubeapproveServerError as error:
        return Definition(
            problem=f"{error}: whether policies are defined is not known; kubeapprove-operator needs to get {_NAME}"
        )
    if not isinstance(metadata, dict) or not isinstance(metadata.get("uid"), str) or not metadata["uid"]:
        return Definition(problem=f"CustomResourceDefinition {_NAME} has no uid")
    if "deletionTimestamp" in metadata:
        return Definition(
            problem=f"CustomResourceDefinition {_NAME} is being deleted: apply it again, and the policies"
        )
    return Definition(metadata["uid"])
