"""`kubectl approve`: the commands. Everything heavy is imported inside them: help and usage errors come at once."""

import os
import sys
from typing import Annotated, Any

import typer

from kubeapprove.request import Operation
from kubeapprove_cli.errors import CliError, UsageError
from kubeapprove_cli.flags import EPILOG, flagged, with_flags
from kubeapprove_cli.kube import Flags
from kubeapprove_cli.screen import DataOutput, ListOutput, Output, say

# A paragraph that begins with \b keeps its lines.
_HELP = """Read the changes that agents ask for, and decide on them.

\b
Examples:
  kubectl approve list -A                        what waits for a decision
  kubectl approve review NAME                    what would change
  kubectl approve yes NAME -m "as discussed"     approve it, after a look
  kubectl approve no NAME -m "not on a Friday"   deny it
  kubectl approve wait NAME --timeout 10m        for agents: until somebody decided
  kubectl approve policy test -f web.yaml --as agent:bot   what policies would ask for

NAME is a name, NAMESPACE/NAME, a hash, or an unambiguous beginning of a name or a hash.
"""

_YES_HELP = """Approve: show each change, ask, and decide.

The decision is for the very approval that was shown: where another has taken its place meanwhile, it is refused.

\b
Examples:
  kubectl approve yes update-deployments-web -m "as discussed"
  kubectl approve yes sha256:3f2a91c0 -n shop -y
"""

_BREAK_GLASS_HELP = (
    "In an emergency: stand for everybody else who would have to approve; owed a review by somebody else."
)

_TEST_HELP = """Explain which rule of which policy matches a change, and what becomes of it.

POLICY is a file (- for stdin) or the name of a policy in the cluster; without one, all policies of the cluster. Where
all are files, no cluster is asked and objects are judged as written. Against a cluster the API server says what would
be stored (a dry run, as you), and an object that exists is updated.

\b
Exit codes:
  0  allowed, or people can approve it
  1  denied
  2  not judged: wrong usage, a policy that cannot be used, no answer

\b
Examples:
  kubectl approve policy test production.yaml -f web.yaml --as agent:bot --as-group agents
  kubectl approve policy test -f web.yaml --as agent:bot --as-group agents --operation DELETE
"""

_WAIT_HELP = """For agents: wait until somebody decided, and say what to do next.

\b
Exit codes:
  0  approved: run the same command again
  1  error
  2  usage
  3  denied
  4  expired
  5  timeout: nobody decided yet
  6  revoked, used already, or gone

\b
Example:
  kubectl approve wait shop/update-deployments-web-abc --timeout 10m
"""

_SETTINGS: dict[str, Any] = {
    "rich_markup_mode": None,
    "context_settings": {"help_option_names": ["-h", "--help"], "max_content_width": 100},
}
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=_HELP, epilog=EPILOG, **_SETTINGS)
policy = typer.Typer(help="Look at what policies say.", no_args_is_help=True, **_SETTINGS)
app.add_typer(policy, name="policy")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The approval.", show_default=False)]
Names = Annotated[list[str], typer.Argument(metavar="NAME", help="The approvals.", show_default=False)]
Format = Annotated[Output | None, typer.Option("-o", "--output", help="Print it in this format instead.")]
NeededReason = Annotated[str, typer.Option("-m", "--message", help="Why, in your words.", show_default=False)]
FreeReason = Annotated[str, typer.Option("-m", "--message", help="Why, in your words.", show_default=False)]


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        sys.stdout.write(f"kubectl-approve {version('kubeapprove')}\n")
        raise typer.Exit


@app.callback()
@with_flags
def _program(
    _: Flags,
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take the flags that stand before the command."""


@app.command("list")
@with_flags
def list_(
    flags: Flags,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Finished ones as well.")] = False,
    owed: Annotated[bool, typer.Option("--owed", help="Only broken glass that nobody else has reviewed yet.")] = False,
    output: Annotated[ListOutput | None, typer.Option("-o", "--output", help="Print in this format.")] = None,
) -> None:
    """List what waits for a decision, or for its change to be made."""
    from kubeapprove_cli import commands

    if owed:
        commands.list_owed(flags, output)
    else:
        commands.list_approvals(flags, everything=everything, output=output)


@app.command()
@with_flags
def review(flags: Flags, name: Name, *, output: Format = None) -> None:
    """Show who asks for what, and what would change."""
    from kubeapprove_cli import commands

    commands.review(flags, name, output)


@app.command(help=_YES_HELP)
@with_flags
def yes(
    flags: Flags,
    names: Names,
    *,
    message: FreeReason = "",
    break_glass: Annotated[bool, typer.Option("--break-glass", help=_BREAK_GLASS_HELP)] = False,
    no_question: Annotated[bool, typer.Option("-y", "--yes", help="Do not ask; needed without a terminal.")] = False,
    output: Format = None,
) -> None:
    """Approve."""
    from kubeapprove_cli import commands

    commands.yes(flags, names, message, ask=not no_question, break_glass=break_glass, output=output)


@app.command()
@with_flags
def no(flags: Flags, names: Names, *, message: NeededReason, output: Format = None) -> None:
    """Deny. It holds until the approval is deleted, and the agent gets the reason to read."""
    from kubeapprove_cli import commands

    commands.no(flags, names, message, output)


@app.command()
@with_flags
def revoke(flags: Flags, name: Name, *, message: NeededReason, output: Format = None) -> None:
    """Take an approval back before it is used."""
    from kubeapprove_cli import commands

    commands.revoke(flags, name, message, output)


@app.command()
@with_flags
def acknowledge(flags: Flags, name: Name, *, message: NeededReason, output: Format = None) -> None:
    """Say that you reviewed what somebody else did by breaking the glass (`list --owed`)."""
    from kubeapprove_cli import commands

    commands.acknowledge(flags, name, message, output)


@app.command()
@with_flags
def reason(flags: Flags, name: Name, *, message: NeededReason, output: Format = None) -> None:
    """For agents: say once why you need the change; approvers see it as your claim."""
    from kubeapprove_cli import commands

    commands.reason(flags, name, message, output)


@app.command(help=_WAIT_HELP)
@with_flags
def wait(
    flags: Flags,
    name: Name,
    *,
    timeout: Annotated[str, typer.Option(metavar="DURATION", help="How long: 90s, 10m or 1h30m.")] = "10m",
    output: Annotated[Output | None, typer.Option("-o", "--output", help="Print the answer in this format.")] = None,
) -> None:
    """Wait."""
    from kubeapprove_cli import commands

    raise typer.Exit(commands.wait(flags, name, timeout, output))


@policy.command("test", help=_TEST_HELP)
@flagged("all_namespaces")
def policy_test(  # noqa: PLR0913 (a declaration)
    flags: Flags,
    policies: Annotated[list[str] | None, typer.Argument(metavar="POLICY", help="Files or names.")] = None,
    *,
    manifests: Annotated[
        list[str], typer.Option("-f", "--filename", help="The objects, in YAML; - for stdin.", show_default=False)
    ],
    as_: Annotated[str, typer.Option("--as", help="The agent's username.", show_default=False)],
    as_group: Annotated[list[str] | None, typer.Option(help="A group of the agent; may be repeated.")] = None,
    as_user_extra: Annotated[
        list[str] | None, typer.Option(help="KEY=VALUE of the agent, as canonicalArn=arn:...; may be repeated.")
    ] = None,
    as_uid: Annotated[str, typer.Option(hidden=True)] = "",
    operation: Annotated[
        Operation | None,
        typer.Option(case_sensitive=False, help="What the agent does; else what `kubectl apply` would do."),
    ] = None,
    old: Annotated[str, typer.Option(metavar="FILE", help="The objects as they are now; makes it an update.")] = "",
    resource: Annotated[
        str, typer.Option(metavar="PLURAL.GROUP", help="What the objects are, as deployments.apps/scale.")
    ] = "",
    namespace_label: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="A label of the namespace; may be repeated.")
    ] = None,
    settings: Annotated[str, typer.Option(metavar="FILE", help="The installation's settings.")] = "",
    output: Annotated[DataOutput | None, typer.Option("-o", "--output", help="Print it in this format.")] = None,
) -> None:
    """Test."""
    from kubeapprove_cli import policytest, trial

    code = policytest.policy_test(
        flags,
        policies or (),
        manifests=manifests,
        agent=trial.requester(as_, as_group or [], as_user_extra or [], as_uid),
        operation=operation,
        old=old,
        resource=resource,
        labels=namespace_label or (),
        settings_file=settings,
        output=output,
    )
    raise typer.Exit(code)


def _as_kubectl_reads(args: list[str]) -> list[str]:
    """Kubectl reads `-n=shop` as `-n shop`; Typer would take the equals sign for a part of the value."""
    result: list[str] = []
    for at, arg in enumerate(args):
        if arg == "--":
            return result + args[at:]
        result += [arg[:2], arg[3:]] if arg.startswith(("-n=", "-o=", "-f=")) else [arg]
    return result


def main(args: list[str] | None = None) -> None:
    """Run the program; every failure is one sentence on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(_as_kubectl_reads(sys.argv[1:] if args is None else args), prog_name="kubectl approve")
    except UsageError as error:
        say(f"usage: {error.sentence}")
        sys.exit(error.code)
    except CliError as error:
        say(f"error: {error.sentence}")
        sys.exit(error.code)
    finally:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever reads has seen enough; without this, Python complains when it flushes at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
