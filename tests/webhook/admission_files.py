"""The files of docs/settings.md that have an API server show webhooks a client certificate, in a folder of a test's."""

import re
from pathlib import Path
from typing import Final

from e2e.cluster.pki import Pair

USER: Final = "kubeapprove-webhook.kubeapprove-system.svc"
_PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
_FOLDER = "/etc/kubernetes/admission"
_NOTHING = "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins: []\n"


def documents() -> dict[str, str]:
    """Return the page's files by name."""
    blocks = re.findall(
        rf"^   ```yaml\n   # {_FOLDER}/(\S+)\n(.*?)^   ```$", _PAGE.read_text(), re.DOTALL | re.MULTILINE
    )
    return {name: re.sub("^   ", "", text, flags=re.MULTILINE) for name, text in blocks}


class AdmissionFiles:
    """`configuration` is what the API server is started with."""

    def __init__(self, folder: Path, client: Pair) -> None:
        self._folder, self.configuration = folder, folder / "configuration.yaml"
        for name, source in (("client.crt", client.certificate), ("client.key", client.key)):
            (folder / name).write_bytes(source.read_bytes())

    def write(self, user: str) -> None:
        """Write the page's files, the certificate for the webhook whose host is `user`."""
        for name, text in documents().items():
            here = text.replace(_FOLDER, str(self._folder)).replace(f"name: {USER}\n", f'name: "{user}"\n')
            (self._folder / name).write_text(here)

    def write_nothing(self) -> None:
        """Show nobody anything."""
        self.configuration.write_text(_NOTHING)
