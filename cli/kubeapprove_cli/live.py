"""The object that a DELETE would delete, as it is now. It is no part of the change and of no hash."""

from typing import Any

from kubeapprove.printable import safe
from kubeapprove_cli import yamlview
from kubeapprove_cli.document import Document, Placeholder
from kubeapprove_cli.errors import ForbiddenError, KubectlError, NotFoundError
from kubeapprove_cli.kube import Kubectl
from kubeapprove_cli.lines import Line, indented, line

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def object_now(kubectl: Kubectl, document: Document) -> list[Line]:
    """Return the live object, or why it cannot be shown."""
    try:
        found = kubectl.get(document.url_path)
    except NotFoundError:
        return [line(("There is no such object now.", "yellow"))]
    except ForbiddenError:
        return [line(("You may not read the object, so it is not shown here.", "yellow"))]
    except KubectlError as error:
        return [line((f"The object cannot be shown: {safe(error.sentence)}.", "yellow"))]
    return [*_other(found, document), line("The object as of now, not hashed:"), *indented(_shown(found, document), 2)]


def _other(found: dict[str, Any], document: Document) -> list[Line]:
    uid = found.get("metadata", {}).get("uid")
    if uid == document.body["uid"]:
        return []
    text = f"The object of that name is another one now (uid {safe(str(uid))}): this approval does not delete it."
    return [line((text, "bold red"))]


def _shown(found: dict[str, Any], document: Document) -> list[Line]:
    resource = document.body["resource"]
    metadata = {key: value for key, value in found.get("metadata", {}).items() if key != "managedFields"}
    shown = {**found, "metadata": metadata}
    if (resource["group"], resource["resource"]) == ("", "secrets"):
        shown |= {key: _hidden(shown[key]) for key in ("data", "stringData") if key in shown}
        if _LAST_APPLIED in (metadata.get("annotations") or {}):
            metadata["annotations"] = {**metadata["annotations"], _LAST_APPLIED: Placeholder("!secret", "not shown")}
    return yamlview.render(shown)


def _hidden(values: Any) -> Any:
    return {key: Placeholder("!secret", "not shown") for key in values} if type(values) is dict else None
