"""A chart is installed by real Helm, waits for real Pods, and is gone after uninstall."""

from pathlib import Path

import pytest

from e2e.node.cluster import RealCluster
from e2e.node.fixture import PROBE_IMAGE
from tests.node.workloads import pods

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\nkubeVersion: '>=1.35.0-0'\n"
TEMPLATE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}"}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: "{{ .Release.Name }}"}}
  template:
    metadata: {labels: {app: "{{ .Release.Name }}"}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: web, image: "{{ .Values.image }}", imagePullPolicy: Never}]
"""


def test_helm_installs_a_chart_and_takes_it_away(real_cluster: RealCluster, namespace: str, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text(CHART)
    (tmp_path / "values.yaml").write_text("replicas: 2\n")
    (tmp_path / "templates" / "web.yaml").write_text(TEMPLATE)
    where = f"--namespace={namespace}"
    real_cluster.helm("install", "web", str(tmp_path), where, "--wait", f"--set=image={PROBE_IMAGE}")
    assert len(pods(real_cluster, namespace)) == 2
    real_cluster.helm("uninstall", "web", where, "--wait")
    deployments = real_cluster.control_plane.kubectl("get", "deployments", where, "--output=name").stdout
    assert deployments == ""
