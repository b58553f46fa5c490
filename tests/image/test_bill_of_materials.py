"""The bill of materials names what is installed, in the form that scanners read, and is the same each time."""

import json
from pathlib import Path

from image import sbom

STATUS = "Package: libstdc++6\nVersion: 1:12.2.0-14+deb12u1\nArchitecture: amd64\nSource: gcc-12\n"
METADATA = {
    "kubeapprove-0.1.0": "Name: kubeapprove\nVersion: 0.1.0\nLicense-Expression: MIT\n\nLong text\nName: no\n",
    "Pydantic_Core-2.0": "Name: pydantic_core\nVersion: 2.0\nLicense: MIT\n",
    "whole-1.0": "Name: whole\nVersion: 1.0\nLicense: The whole text\n        of a licence\n",
}


def rootfs(folder: Path) -> Path:
    (folder / "etc").mkdir(parents=True)
    (folder / "etc" / "os-release").write_text('ID=debian\nVERSION_ID="12"\n')
    (folder / "var/lib/dpkg/status.d").mkdir(parents=True)
    (folder / "var/lib/dpkg/status.d/libstdc++6").write_text(STATUS)
    site = folder / "usr/local/lib/python3.11/dist-packages"
    for name, text in METADATA.items():
        (site / f"{name}.dist-info").mkdir(parents=True)
        (site / f"{name}.dist-info" / "METADATA").write_text(text)
    return folder


def test_packages_and_distributions_are_named_with_their_licences(tmp_path: Path) -> None:
    document = sbom.document(rootfs(tmp_path))
    found = {component["purl"]: component.get("licenses") for component in document["components"]}
    assert found == {
        "pkg:deb/debian/libstdc%2B%2B6@1%3A12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12": None,
        "pkg:pypi/kubeapprove@0.1.0": [{"expression": "MIT"}],
        "pkg:pypi/pydantic-core@2.0": [{"license": {"name": "MIT"}}],
        "pkg:pypi/whole@1.0": None,
    }
    assert document["metadata"]["component"]["name"] == "kubeapprove"
    references = [component["bom-ref"] for component in document["components"]]
    assert len(set(references)) == len(references)


def test_same_image_has_the_same_bill(tmp_path: Path) -> None:
    one, two = sbom.document(rootfs(tmp_path / "one")), sbom.document(rootfs(tmp_path / "two"))
    assert json.dumps(one) == json.dumps(two)
