"""Certificate and authority changed while the gate works, as the operator does when two thirds of their life are over.

What cannot be waited for, the end of an authority's years, is brought about: the next authority is laid beside the
current one, as the operator's own first step does, with a life so short that its second step comes after seconds.
"""

import base64
import datetime as dt
import json
from typing import Any, Final

from e2e.cluster.errors import ClusterError
from e2e.release.installation import REGISTRATION, SYSTEM
from e2e.storm.ground import Ground
from e2e.waiting import wait_until
from kubeapprove_operator import issuing
from kubeapprove_operator.authority import CA_SECRET, TLS_SECRET

LIFE: Final = dt.timedelta(seconds=120)
"""A twelfth of it, 10 s, is the overlap."""
LIVES: Final = ("--authority-life=120s", "--certificate-life=60s")
_USUAL: Final = ["kubeapprove-operator", "run"]
_SECONDS: Final = 60.0


def shorten(ground: Ground) -> None:
    """Have the operator make what lives for a minute or two; what is there stays."""
    _set_command(ground, [*_USUAL, *LIVES])


def lengthen(ground: Ground) -> None:
    """Have it make what lives as usual, and all anew, from nothing: agents wait for seconds."""
    _set_command(ground, _USUAL)
    bundle = _bundle(ground)
    for secret in (CA_SECRET, TLS_SECRET):
        _delete(ground, secret)
    wait_until(lambda: _bundle(ground) != bundle, "the new authority was registered", _SECONDS)
    ground.installation.wait_until_asked(ground.names.home)


def new_authority(ground: Ground) -> None:
    """Have the authority replaced, and with it what the webhook serves; returns when its replicas serve the new one."""
    before = _held(ground, TLS_SECRET)["tls.crt"]
    following = issuing.new_authority(dt.datetime.now(dt.UTC), LIFE)
    _patch(ground, {"next.crt": following.pem, "next.key": following.key_pem})
    wait_until(
        lambda: _held(ground, CA_SECRET).get("ca.crt") == following.pem, "the next authority was the one", _SECONDS
    )
    wait_until(lambda: _held(ground, TLS_SECRET)["tls.crt"] != before, "it had signed a certificate", _SECONDS)


def new_certificate(ground: Ground) -> None:
    """Have the same authority sign another certificate."""
    before = _held(ground, TLS_SECRET)["tls.crt"]
    _delete(ground, TLS_SECRET)
    wait_until(lambda: _held(ground, TLS_SECRET).get("tls.crt", before) != before, "there was another one", _SECONDS)


def _set_command(ground: Ground, command: list[str]) -> None:
    containers = [{"op": "replace", "path": "/spec/template/spec/containers/0/command", "value": command}]
    where = ("deployment/kubeapprove-operator", f"--namespace={SYSTEM}")
    ground.control_plane.kubectl("patch", *where, "--type=json", f"--patch={json.dumps(containers)}")
    ground.installation.wait_available()


def _bundle(ground: Ground) -> str:
    status, answer = ground.control_plane.raw("GET", REGISTRATION)
    if status != 200:
        raise ClusterError(f"there is no registration: {answer.get('message')}")
    return str(answer["webhooks"][0]["clientConfig"]["caBundle"])


def _held(ground: Ground, secret: str) -> dict[str, bytes]:
    data = ground.control_plane.raw("GET", _path(secret))[1].get("data", {})
    return {key: base64.b64decode(value) for key, value in data.items()}


def _patch(ground: Ground, parts: dict[str, bytes]) -> None:
    data = {key: base64.b64encode(value).decode() for key, value in parts.items()}
    _checked(ground.control_plane.raw("PATCH", _path(CA_SECRET), {"data": data}))


def _delete(ground: Ground, secret: str) -> None:
    _checked(ground.control_plane.raw("DELETE", _path(secret)))


def _checked(answer: tuple[int, dict[str, Any]]) -> None:
    if answer[0] != 200:
        raise ClusterError(f"a Secret of certificates could not be written: {answer[1].get('message')}")


def _path(secret: str) -> str:
    return f"/api/v1/namespaces/{SYSTEM}/secrets/{secret}"
