"""One approval as the CLI understands it: what it says, whether its hash is true, and where it stands now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from kubeapprove.lifecycle import Standing, owed_by, people_of, requirements_of, standing
from kubeapprove.printable import safe
from kubeapprove.requirements import Requirement
from kubeapprove.resources import ManifestApproval, Owed, Phase
from kubeapprove.strictjson import UnreadableError
from kubeapprove_cli.document import Document, read


@dataclass(frozen=True, slots=True)
class State:
    """An approval at a moment. `problem` says why it is Invalid; then `model` or `document` may be None."""

    raw: dict[str, Any]
    model: ManifestApproval | None
    document: Document | None
    standing: Standing
    problem: str = ""

    @property
    def phase(self) -> Phase:
        """The phase by the rules of core, never by `status.phase`; Invalid where nobody should approve it."""
        return Phase.INVALID if self.problem and self.standing.phase is not Phase.DENIED else self.standing.phase

    @property
    def is_open(self) -> bool:
        """Whether it takes decisions. An Invalid one counts as open: somebody should see it."""
        return self.standing.is_open

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """What policies asked when the agent last tried, as the status mirrors it."""
        return () if self.model is None else requirements_of(self.model)

    @property
    def owed(self) -> tuple[Owed, ...]:
        """Broken glass that nobody else has reviewed."""
        return () if self.model is None else owed_by(self.model, people_of(self.model))

    @property
    def namespace(self) -> str:
        """The approval's namespace."""
        return _metadata(self.raw, "namespace")

    @property
    def name(self) -> str:
        """The approval's name."""
        return _metadata(self.raw, "name")

    @property
    def uid(self) -> str:
        """The approval's uid: what a decision is `for`."""
        return _metadata(self.raw, "uid")

    @property
    def full_name(self) -> str:
        """Namespace and name, as refusals print it; safe to show."""
        return safe(f"{self.namespace}/{self.name}")

    @property
    def manifest_hash(self) -> str:
        """The hash, or empty where the approval has none."""
        spec = self.raw.get("spec")
        value = spec.get("manifestHash") if isinstance(spec, dict) else None
        return value if isinstance(value, str) else ""

    @property
    def subject(self) -> str:
        """What would be done to what, in one safe line."""
        if self.document is None:
            return "a change that cannot be shown"
        return safe(f"{self.document.operation} {self.document.resource} {self.document.object}")


def _metadata(raw: dict[str, Any], key: str) -> str:
    metadata = raw.get("metadata")
    value = metadata.get(key) if isinstance(metadata, dict) else None
    return value if isinstance(value, str) else ""


def state_of(raw: dict[str, Any], now: datetime) -> State:
    """Read an approval as the API server sent it. Never raises: what is wrong with it is its `problem`."""
    try:
        model = ManifestApproval.parse(raw)
    except ValidationError:
        return State(raw, None, None, Standing(Phase.PENDING), "it is not an approval that this version understands")
    document, problem = None, ""
    try:
        document = read(model.spec.change, model.spec.manifest_hash)
    except UnreadableError as error:
        problem = str(error)
    where = standing(model, now=now, requirements=requirements_of(model), people=people_of(model))
    return State(raw, model, document, where, problem)
