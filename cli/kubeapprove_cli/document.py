"""The change of an approval, checked against its hash and with its placeholders in place."""

from dataclasses import dataclass
from typing import Any

from kubeapprove.canonical import digest
from kubeapprove.change import read_document
from kubeapprove.strictjson import UnreadableError
from kubeapprove_cli.kube import object_path

_PARTS: dict[str, dict[str, type]] = {
    "CREATE": {"object": dict},
    "UPDATE": {"fields": list, "name": str, "uid": str},
    "DELETE": {"options": dict, "name": str, "uid": str},
    "CONNECT": {"options": dict, "name": str},
}


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What stands in the place of a value that the change does not hold: a tag, and what is known about the value."""

    tag: str
    text: str
    head: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A change whose hash is right. `body` is the document with placeholders where `replaced` says so."""

    body: dict[str, Any]
    placeholders: tuple[Placeholder, ...]

    @property
    def operation(self) -> str:
        """CREATE, UPDATE, DELETE or CONNECT."""
        return str(self.body["operation"])

    @property
    def namespace(self) -> str:
        """The object's namespace, or empty."""
        return str(self.body["namespace"])

    @property
    def name(self) -> str:
        """The object's name; of a generated one what is known of it, with a star."""
        if "name" in self.body:
            return str(self.body["name"])
        metadata = self.body["object"].get("metadata")
        return f"{metadata.get('generateName', '') if isinstance(metadata, dict) else ''}*"

    @property
    def resource(self) -> str:
        """As kubectl writes it: `deployments.apps`, `pods/exec`."""
        resource = self.body["resource"]
        name = ".".join(part for part in (resource["resource"], resource["group"]) if part)
        return "/".join(part for part in (name, self.body["subresource"]) if part)

    @property
    def object(self) -> str:
        """Namespace and name."""
        return "/".join(part for part in (self.namespace, self.name) if part)

    @property
    def cut(self) -> int:
        """How many texts nobody sees whole."""
        return sum(placeholder.tag == "!cut" for placeholder in self.placeholders)

    @property
    def url_path(self) -> str:
        """The object's path at the API server, without subresource."""
        resource = self.body["resource"]
        return object_path(resource["group"], resource["version"], resource["resource"], self.namespace, self.name)


def read(change: str, manifest_hash: str) -> Document:
    """Read `spec.change`; raises UnreadableError where it is not what the hash names or not a document of its shape."""
    try:
        body = read_document(change)
        actual = digest(body)
    except UnreadableError:
        raise
    except ValueError as error:  # JCS has no form for a value in it
        raise UnreadableError("the change has no canonical form") from error
    if actual != manifest_hash:
        raise UnreadableError("the stored change is not the one that its hash names")
    _check_shape(body)
    entries = body["replaced"]
    placeholders = tuple(_put(body, entry) for entry in entries)
    _check_texts(body)
    return Document(body, placeholders)


def _check_shape(body: dict[str, Any]) -> None:
    parts: dict[str, type] = {
        "operation": str,
        "resource": dict,
        "subresource": str,
        "namespace": str,
        "replaced": list,
        **_PARTS.get(str(body.get("operation")), {"": str}),
    }
    if not all(type(body.get(key)) is kind for key, kind in parts.items()) or type(body.get("name", "")) is not str:
        raise UnreadableError("the change is not a document that this version understands")
    if not all(type(body["resource"].get(key)) is str for key in ("group", "version", "resource")):
        raise UnreadableError("the change does not name a resource")


def _check_texts(body: dict[str, Any]) -> None:
    """Where a text has to be, a placeholder may stand too: so this comes when they are in their places."""
    _check_ownership(body.get("ownership", []))
    for entry in body.get("fields", ()):
        if type(entry) is not dict or not _is_path(entry.get("path")) or not {"from", "to", "order"} & entry.keys():
            raise UnreadableError("the change holds a field that this version does not understand")


def _check_ownership(moves: object) -> None:
    if type(moves) is not list or not all(map(_is_move, moves)):
        raise UnreadableError("the change tells of ownership as this version does not understand")


def _is_move(move: object) -> bool:
    """Whether it says who loses `paths` or who gains the paths `gained`."""
    if type(move) is not dict or not all(_is_text(move.get(key)) for key in ("manager", "operation", "subresource")):
        return False
    lists = [move[key] for key in ("paths", "gained") if key in move]
    return bool(lists) and all(
        type(paths) is list and all(type(path) is list and all(map(_is_text, path)) for path in paths)
        for paths in lists
    )


def _is_path(path: object) -> bool:
    return isinstance(path, list) and all(
        type(step) is str or (type(step) is dict and step.keys() == {"name"} and _is_text(step["name"]))
        for step in path
    )


def _is_text(value: object) -> bool:
    return type(value) is str or isinstance(value, Placeholder)


def _put(body: dict[str, Any], entry: Any) -> Placeholder:
    """Put one placeholder where `replaced` says; only a null may make room for it."""
    if type(entry) is not dict or type(entry.get("path")) is not str or type(entry.get("as")) is not str:
        raise UnreadableError("`replaced` holds an entry that this version does not understand")
    placeholder = _placeholder(entry)
    *way, last = [step.replace("~1", "/").replace("~0", "~") for step in entry["path"].split("/")[1:]] or [""]
    place: Any = body
    for step in way:
        place = _below(place, step)
    if _below(place, last) is not None:
        raise UnreadableError("`replaced` names a place that holds a value")
    place[int(last) if type(place) is list else last] = placeholder
    return placeholder


def _below(place: Any, step: str) -> Any:
    if type(place) is dict and step in place:
        return place[step]
    if type(place) is list and step.isascii() and step.isdigit() and int(step) < len(place):
        return place[int(step)]
    raise UnreadableError("`replaced` names a place that is not there")


def _placeholder(entry: dict[str, Any]) -> Placeholder:
    kind = entry["as"]
    match kind:
        case "secret":
            what = "a value that is no text" if entry.get("json") else f"{entry.get('length')} bytes"
            return Placeholder("!secret", f"{what}, hmac {str(entry.get('mac'))[:12]}…")
        case "integer":
            return Placeholder("!integer", str(entry.get("digits")))
        case "text":
            text = f"{entry.get('length')} bytes, sha256 {entry.get('sha256')}, begins with"
            return Placeholder("!cut", text, str(entry.get("head", "")))
        case "time":
            return Placeholder("!server", "the moment of the restart")
        case _:
            return Placeholder("!server", _SERVER_GIVEN.get(kind, kind))


_SERVER_GIVEN = {
    "uid": "the uid that the object gets",
    "name": "the name that the object gets",
    "token volume": "the random name of the token volume",
}
