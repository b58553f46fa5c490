"""The story: what is done, by whom, and what must come out of it."""

from e2e.demo.steps import Step

# What the cluster holds: the generation counts how often the spec was changed.
_HELD = (
    "{range .items[*]}{.metadata.name} {.spec.replicas} {.spec.template.spec.containers[*].image} "
    "generation {.metadata.generation}{end}"
)
PROBE = ("get", "deployments", f"--output=jsonpath={_HELD}")
SCRATCH = "scratch"
HOST = "host"  # who holds no kubeconfig
_NOTHING = ""
_CREATED = "web 2 nginx:1.29 generation 1"
_APPLY = "kubectl apply -f web.yaml"
_REFUSED = r"Error from server \(ApprovalRequired\):"


def policy() -> list[Step]:
    """Return how an identity becomes an agent."""
    return [
        Step(
            "admin",
            "kubectl apply -f policy.yaml && sed -n '/agents:/,$p' policy.yaml",
            (
                (r"^approvalpolicy.*/agents created",),
                (r" *agents: .*",),
                (r" *- name: scratch",),
                (r" *match: .*",),
                (r" *action: .*",),
                (r" *- \{name: no-deletes.*",),
                (r" *- name: two-people",),
                (r" *match: .*",),
                (r" *action: .*",),
                (r" *approval: .*",),
            ),
            title="A policy says who is an agent, and what needs whose approval",
        )
    ]


def gated() -> list[Step]:
    """Return everything from there to the webhook's end."""
    return [
        *_asked(),
        *_approved_by_two(),
        *_by_rule(),
        *_spent(),
    ]


def killed(pid: int) -> list[Step]:
    """Return the end of the webhook."""
    return [Step(HOST, f"kill -9 {pid}", title="The webhook is killed: agents are stopped, people are not")]


def without_webhook() -> list[Step]:
    """Return what follows it: the API server itself refuses agents, and nobody else."""
    refused = (r"^Error from server", r'failed calling webhook "changes\.kubeapprove\.io"', r"connection refused$")
    return [
        Step("agent", _APPLY, (refused,), code=1, stored=_NOTHING),
        Step("carol", _APPLY, ((r"deployment.apps/web created",),), stored=_CREATED),
    ]


def _asked() -> list[Step]:
    return [
        Step(
            "agent",
            _APPLY,
            (
                (_REFUSED, r'approval required: create deployments "web"'),
                (r"waits for a person's approval as default/create-deployments-web-\S+",),
            ),
            code=1,
            title="An agent, cluster-admin, applies a Deployment: refused until people approve it",
            stored=_NOTHING,
        ),
        Step(
            "alice",
            "kubectl approve review create-deployments-web",
            (
                (r"^Create deployments\.apps web in namespace default",),
                (r"^asked by .*agent:bot .*",),
                (r" *replicas: 2",),
                (r" *image: nginx:1\.29",),
            ),
            title="Alice reads what would be stored, and approves: one of two",
            stored=_NOTHING,
        ),
        _yes("alice", "as in ticket 12", r"(?:still missing|more approvals).*"),
    ]


def _approved_by_two() -> list[Step]:
    return [
        Step(
            "agent",
            _APPLY,
            ((r"still missing: 1 of 2 approvals? by group approvers \(policy agents, rule two-people\)",),),
            code=1,
            title="One is not enough, and the agent is told who is missing",
            stored=_NOTHING,
        ),
        _yes(
            "bob",
            "fine with me",
            r"the agent can make the change once.*",
            title="Bob is the second, but it is still the agent who applies it",
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
            "agent",
            _APPLY,
            ((r"deployment.apps/web created",),),
            title="The approved one goes through, and the next time there is nothing to change",
            stored=_CREATED,
        ),
        Step("agent", _APPLY, ((r"deployment.apps/web unchanged",),), stored=_CREATED),
    ]


def _yes(who: str, reason: str, told: str, title: str = "") -> Step:
    command = f'kubectl approve yes create-deployments-web -y -m "{reason}"'
    return Step(who, command, ((r"^approved", told),), title=title, stored=_NOTHING)


def _by_rule() -> list[Step]:
    return [
        Step(
            "agent",
            f"kubectl create configmap notes --namespace {SCRATCH} --from-literal=text=hello",
            ((r"configmap/notes created",),),
            title="What a rule allows passes at once",
            stored=_CREATED,
        ),
        Step(
            "agent",
            "kubectl delete deployment web",
            ((r"^Error from server \(PolicyDenied\):", r"rule no-deletes: people delete here"),),
            code=1,
            title="What a rule denies is refused, whoever would approve it",
            stored=_CREATED,
        ),
        Step(
            "agent",
            "kubectl exec deployment/web -- rm -rf /data",
            ((r"approval required", r'connect pods/exec "web-[^"]*"'),),
            code=1,
            title="What no rule is about needs one approval, a command inside a Pod as well",
            stored=_CREATED,
        ),
    ]


def _spent() -> list[Step]:
    return [
        Step(
            "carol",
            "kubectl delete deployment web",
            ((r'deployment.apps "web" deleted.*',),),
            title="A person's own kubectl is not touched; and the approval is spent",
            stored=_NOTHING,
        ),
        Step(
            "agent",
            _APPLY,
            ((_REFUSED, r"approval required \(the last approval of it has let its one change through\)"),),
            code=1,
            stored=_NOTHING,
        ),
    ]
