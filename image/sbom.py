"""What is in an image, as CycloneDX: every Debian package and Python distribution, by name, version and licence."""

from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Any
from urllib.parse import quote


def document(root: Path) -> dict[str, Any]:
    """Return the bill of materials of a built file system; the same one gives the same document."""
    components = sorted([*_packages(root), *_distributions(root)], key=lambda component: str(component["purl"]))
    ours = next(component for component in components if component["name"] == "kubeapprove")
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {**ours, "type": "container", "bom-ref": "image"}},
        "components": components,
    }


def _packages(root: Path) -> list[dict[str, Any]]:
    release = dict(
        line.split("=", 1) for line in (root / "etc/os-release").read_text("utf-8").splitlines() if "=" in line
    )
    distribution, number = release["ID"].strip('"'), release["VERSION_ID"].strip('"')
    return [_package(_headers(path), distribution, number) for path in (root / "var/lib/dpkg/status.d").iterdir()]


def _package(fields: Message, distribution: str, number: str) -> dict[str, Any]:
    name, version = fields["Package"], fields["Version"]
    where = f"arch={fields['Architecture']}&distro={distribution}-{number}"
    purl = f"pkg:deb/{distribution}/{quote(name)}@{quote(version, safe='')}?{where}"
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


def _distributions(root: Path) -> list[dict[str, Any]]:
    return [_distribution(_headers(path)) for path in root.glob("usr/local/lib/*/dist-packages/*.dist-info/METADATA")]


def _distribution(fields: Message) -> dict[str, Any]:
    name, version = fields["Name"].lower().replace("_", "-").replace(".", "-"), fields["Version"]
    purl = f"pkg:pypi/{name}@{version}"
    component: dict[str, Any] = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if expression := fields["License-Expression"]:
        component["licenses"] = [{"expression": expression}]
    elif (named := fields["License"]) and "\n" not in named:
        component["licenses"] = [{"license": {"name": named}}]
    return component


def _headers(path: Path) -> Message:
    return HeaderParser().parsestr(path.read_text("utf-8"))
