"""kubectl's own flags, taken by every command, before or after its name, and passed on as they are."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any, Concatenate, ParamSpec

import typer

from kubeapprove_cli.kube import Flags

_P = ParamSpec("_P")
EPILOG = "Every other connection flag of kubectl (--cluster, --user, --server, ...) works as well."


def _shown(name: str, help_: str) -> Any:
    return typer.Option(name, help=help_)


def _hidden(name: str) -> Any:
    return typer.Option(name, hidden=True)


def _options(  # noqa: PLR0913 (a declaration)
    *,
    namespace: Annotated[str | None, typer.Option("-n", "--namespace", help="The namespace to look in.")] = None,
    all_namespaces: Annotated[bool, typer.Option("-A", "--all-namespaces", help="Look in all namespaces.")] = False,
    context: Annotated[str | None, _shown("--context", "The kubeconfig context to use.")] = None,
    kubeconfig: Annotated[str | None, _shown("--kubeconfig", "Path to the kubeconfig file.")] = None,
    as_: Annotated[str | None, _shown("--as", "Username to impersonate.")] = None,
    as_group: Annotated[list[str] | None, _shown("--as-group", "Group to impersonate; may be repeated.")] = None,
    request_timeout: Annotated[str | None, _shown("--request-timeout", "How long one request may take.")] = None,
    as_uid: Annotated[str | None, _hidden("--as-uid")] = None,
    as_user_extra: Annotated[list[str] | None, _hidden("--as-user-extra")] = None,
    cluster: Annotated[str | None, _hidden("--cluster")] = None,
    user: Annotated[str | None, _hidden("--user")] = None,
    server: Annotated[str | None, _hidden("--server")] = None,
    token: Annotated[str | None, _hidden("--token")] = None,
    certificate_authority: Annotated[str | None, _hidden("--certificate-authority")] = None,
    client_certificate: Annotated[str | None, _hidden("--client-certificate")] = None,
    client_key: Annotated[str | None, _hidden("--client-key")] = None,
    tls_server_name: Annotated[str | None, _hidden("--tls-server-name")] = None,
    cache_dir: Annotated[str | None, _hidden("--cache-dir")] = None,
    insecure_skip_tls_verify: Annotated[bool, _hidden("--insecure-skip-tls-verify")] = False,
    disable_compression: Annotated[bool, _hidden("--disable-compression")] = False,
) -> None:
    """Stand for the options' declarations; never called."""


_NAMES = tuple(inspect.signature(_options).parameters)
_NOT_PASSED = ("namespace", "all_namespaces")


def _take(flags: Flags, given: dict[str, Any]) -> None:
    """Add what was given to the flags; a flag before the command and one behind it both count."""
    flags.namespace = given.get("namespace") or flags.namespace
    flags.all_namespaces = given.get("all_namespaces") or flags.all_namespaces
    flags.context = given.get("context") or flags.context
    for name in _NAMES:
        if name in _NOT_PASSED:
            continue
        value, flag = given.get(name), "--" + name.rstrip("_").replace("_", "-")
        if value is True:
            flags.passed.append(flag)
        elif value:
            flags.passed += [f"{flag}={one}" for one in ([value] if isinstance(value, str) else value)]


def flagged(*without: str) -> Callable[[Callable[Concatenate[Flags, _P], None]], Callable[..., None]]:
    """Give a command kubectl's flags but for some; it gets them as its first argument.

    A parameter of the command's own takes the place of the flag of its name.
    """

    def give(command: Callable[Concatenate[Flags, _P], None]) -> Callable[..., None]:
        own = list(inspect.signature(command).parameters.values())[1:]
        taken = {*without, *(one.name for one in own)}
        ctx = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
        more = [one for one in inspect.signature(_options).parameters.values() if one.name not in taken]
        parameters = [ctx, *(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own), *more]

        @functools.wraps(command)
        def run(*, ctx: typer.Context, **given: Any) -> None:
            flags = ctx.ensure_object(Flags)
            _take(flags, {one.name: given.pop(one.name) for one in more})
            command(flags, **given)  # type: ignore[call-arg]  # Typer calls what the signature below says

        # Typer reads the signature; `wraps` would hide the additions behind the command's own.
        del run.__wrapped__
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        return run

    return give


with_flags = flagged()
