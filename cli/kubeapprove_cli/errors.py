"""What can go wrong, as one sentence that names the remedy, and the exit codes of every command."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; from DENIED on they are `wait`'s answers."""

    OK = 0
    ERROR = 1
    USAGE = 2
    DENIED = 3
    EXPIRED = 4
    TIMEOUT = 5
    GONE = 6


class CliError(Exception):
    """The root of what the CLI says itself: `sentence` is all that is printed. It may quote untrusted text."""

    code = Exit.ERROR

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class UsageError(CliError):
    """The command line cannot be meant like this."""

    code = Exit.USAGE


class UnjudgedError(CliError):
    """`policy test` could not find out what the policies say; its exit code 1 means that they deny."""

    code = Exit.USAGE


class KubectlError(CliError):
    """The API server or kubectl said no."""


class NotFoundError(KubectlError):
    """There is no such approval."""


class NotServedError(KubectlError):
    """The cluster does not know the kind."""


class ForbiddenError(KubectlError):
    """The caller may not do this."""


class UnreachableError(KubectlError):
    """No answer: the connection failed, or the server is overloaded. Trying again may help."""
