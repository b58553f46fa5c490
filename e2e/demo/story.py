"""The story: what is done, by whom, and what must come out of it."""

from e2e.demo.steps import Step

# What the cluster holds: the generation counts how often the spec was changed.
_HELD = (
    "{range .items[*]}{.metadata.name} {.spec.replicas} {.spec.template.spec.containers[*].image} "
    "generation {.metadata.generation}{end}"
)
PROBE = ("get", "deployments", f"--output=jsonpath={_HELD}")
HOST = "host"  # who holds no kubeconfig
_NOTHING = ""
_CREATED = "web 2 nginx:1.29 generation 1"
_SCALED = "web 3 nginx:1.29 generation 2"
_SCALED_AGAIN = "web 4 nginx:1.29 generation 3"
_REFUSED = r"Error from server \(ApprovalRequired\):"


def gated() -> list[Step]:
    """Return everything up to the webhook's end."""
    return [*_approved_once(), *_refused(), _person("A person's own kubectl is not touched", 3, _SCALED)]


def killed(pid: int) -> list[Step]:
    """Return the end of the webhook."""
    return [Step(HOST, f"kill -9 {pid}", title="The webhook is killed: agents are stopped, people are not")]


def without_webhook() -> list[Step]:
    """Return what follows it: the API server itself refuses agents, and nobody else."""
    refused = (r"^Error from server", r'failed calling webhook "changes\.kubeapprove\.io"', r"connection refused$")
    return [
        Step("agent", "kubectl scale deployment web --replicas=0", (refused,), code=1, stored=_SCALED),
        _person("", 4, _SCALED_AGAIN),
    ]


def _approved_once() -> list[Step]:
    apply = "kubectl apply -f web.yaml"
    return [
        Step(
            "agent",
            apply,
            (
                (_REFUSED, r'approval required: create deployments "web"'),
                (r"waits for a person's approval as default/create-deployments-web-\S+",),
                (r"Next: `kubectl approve wait", r"then run exactly the same command again\."),
            ),
            code=1,
            title="An agent, cluster-admin, applies a Deployment: refused until a person approves it",
            stored=_NOTHING,
        ),
        Step(
            "alice",
            "kubectl approve review create-deployments-web",
            (
                (r"^Create deployments\.apps web in namespace default",),
                (r"^asked by .*agent:bot .*",),
                (r" *replicas: 2",),
                (r" *- name: web",),
                (r" *image: nginx:1\.29",),
            ),
            title="Alice reads what would be stored",
            stored=_NOTHING,
        ),
        Step(
            "alice",
            'kubectl approve yes create-deployments-web -y -m "as in ticket 12"',
            ((r"^approved", r"the agent can make the change once.*"),),
            title="Alice approves it, but it is still the agent who applies it",
            stored=_NOTHING,
        ),
        Step(
            "agent",
            "sed s/nginx:1.29/miner:1.0/ web.yaml | kubectl apply -f -",
            ((_REFUSED, r'approval required: create deployments "web"'),),
            code=1,
            title="Not with another image: a tampered manifest is another change",
            stored=_NOTHING,
        ),
        Step(
            "agent", apply, ((r"deployment.apps/web created",),), title="The approved one goes through", stored=_CREATED
        ),
        Step(
            "agent",
            apply,
            ((r"deployment.apps/web unchanged",),),
            title="Again: no change, so there is nothing to approve",
            stored=_CREATED,
        ),
    ]


def _refused() -> list[Step]:
    return [
        Step(
            "agent",
            "kubectl delete deployment web",
            ((_REFUSED, r'approval required: delete deployments "web"'),),
            code=1,
            title="A delete is refused",
            stored=_CREATED,
        ),
        Step(
            "agent",
            "kubectl exec deployment/web -- rm -rf /data",
            ((r"^error:", r"approval required", r'connect pods/exec "web-[^"]*"'),),
            code=1,
            title="So is a command inside a Pod",
            stored=_CREATED,
        ),
    ]


def _person(title: str, replicas: int, stored: str) -> Step:
    command = f"kubectl scale deployment web --replicas={replicas}"
    return Step("carol", command, ((r"deployment.apps/web scaled",),), title=title, stored=stored)
