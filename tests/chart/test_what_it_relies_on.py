"""What the chart names exists: metrics of alerts and dashboard, commands and options, CustomResourceDefinitions."""

import json
import re
import subprocess
import sys
from functools import cache

import pytest
from typer.main import get_group

from kubeapprove_operator import main as operator
from kubeapprove_webhook import main as webhook
from tests.chart.helm import CHART, EVERYTHING, pod_templates, render

COMMANDS = {
    "kubeapprove-webhook": get_group(webhook.app).commands,
    "kubeapprove-operator": get_group(operator.app).commands,
}
METRICS = """
import kubeapprove_{server}.server
from kubeapprove_server.metrics import REGISTRY
from prometheus_client import generate_latest
print(generate_latest(REGISTRY).decode())
"""
TYPE = re.compile(r"^# TYPE (\S+) (\S+)$", re.MULTILINE)
SUFFIXES = {"histogram": ("_bucket", "_count", "_sum")}


@cache
def metrics() -> frozenset[str]:
    """What a scrape of either server names."""
    found = set()
    for server in ("webhook", "operator"):
        code = METRICS.format(server=server)
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        found |= {name + suffix for name, kind in TYPE.findall(said) for suffix in SUFFIXES.get(kind, ("",))}
    return frozenset(found)


@pytest.mark.parametrize("file", ["dashboard.json", "templates/monitoring.yaml"])
def test_metrics_exist(file: str) -> None:
    expressions = re.findall(r'"?expr"?: (.*)', (CHART / file).read_text())
    named = {name for expression in expressions for name in re.findall(r"kubeapprove_\w+", expression)}
    assert len(named) >= 5
    assert named - metrics() == set()


def test_dashboard_is_json_and_has_every_metric_of_the_alerts() -> None:
    alerts = set(re.findall(r"kubeapprove_\w+", (CHART / "templates" / "monitoring.yaml").read_text()))
    dashboard = (CHART / "dashboard.json").read_text()
    assert [name for name in alerts if name not in dashboard] == []
    panels = json.loads(dashboard)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    (made,) = [one for one in render(EVERYTHING) if one["metadata"]["name"] == "kubeapprove-dashboard"]
    assert json.loads(made["data"]["kubeapprove.json"]) == json.loads(dashboard)


@pytest.mark.parametrize("cert_manager", [False, True])
def test_commands_and_their_options_exist(cert_manager: bool) -> None:
    for name, pod in pod_templates(render({"certManager": {"enabled": cert_manager}})).items():
        program, command, *options = pod["spec"]["containers"][0]["command"]
        known = {option for parameter in COMMANDS[program][command].params for option in parameter.opts}
        assert [option for option in options if option.partition("=")[0] not in known] == [], name


def test_definitions_are_copies() -> None:
    ours = {path.name: path.read_bytes() for path in (CHART.parents[1] / "crds").iterdir()}
    assert {path.name: path.read_bytes() for path in (CHART / "crds").iterdir()} == ours, "run `make crds`"
