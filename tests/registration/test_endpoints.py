"""Where the API server finds us: a URL or a Service, each webhook under its own path below the secret."""

from kubeapprove.registration import APPROVALS, CHANGES, STAMP, Endpoint
from tests.registration.scenes import AGENTS, BY_SERVICE, BY_URL, hooks

PATHS = {CHANGES: "/s3cr3t/changes", APPROVALS: "/s3cr3t/approvals", STAMP: "/s3cr3t/stamp"}


def configured(endpoint: Endpoint) -> dict[str, object]:
    return {name: hook["clientConfig"] for name, hook in hooks(AGENTS, endpoint).items()}


def test_by_url() -> None:
    assert configured(BY_URL) == {
        name: {"url": "https://gate.example.com:9443" + path, "caBundle": "Q0E="} for name, path in PATHS.items()
    }


def test_a_slash_at_the_end_of_the_url_is_not_doubled() -> None:
    assert Endpoint("s", "", url="https://g/").client_config("changes")["url"] == "https://g/s/changes"


def test_by_service() -> None:
    service = {"namespace": "kubeapprove-system", "name": "kubeapprove-webhook", "port": 443}
    assert configured(BY_SERVICE) == {
        name: {"service": {**service, "path": path}, "caBundle": "Q0E="} for name, path in PATHS.items()
    }
