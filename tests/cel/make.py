"""Facts for the tests, and the short way to ask a condition."""

from typing import Any

from kubeapprove.cel import Facts, compile_condition


def facts(obj: Any = None, old: Any = None, **parts: Any) -> Facts:
    return Facts(change=parts.get("change", {}), object=obj, old_object=old, request=parts.get("request", {}))


def holds(text: str, obj: Any = None, old: Any = None, **parts: Any) -> bool:
    return compile_condition(text).holds(facts(obj, old, **parts))


def containers(count: int, image: str = "registry.example/app:1") -> dict[str, Any]:
    """A Deployment with so many containers."""
    env = [{"name": f"OPTION_{index}", "value": "x" * 20} for index in range(10)]
    return {
        "kind": "Deployment",
        "spec": {
            "template": {"spec": {"containers": [{"name": f"c{i}", "image": image, "env": env} for i in range(count)]}}
        },
    }
