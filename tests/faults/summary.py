"""The table at the end of a run: what each fault did to requests whose change was approved."""

import pytest

from e2e.faults.tally import Tally, Tried

NAME = "kubeapprove-faults"
TRIED, WRONG = "kubeapprove-faults-tried", "kubeapprove-faults-wrong"
"""User properties of a test's report: they travel from pytest-xdist's workers to who prints."""


class Summary:
    """A pytest plugin: collects from reports, and prints where there was anything."""

    def __init__(self) -> None:
        self.tally = Tally()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a test's teardown noted: its report holds the properties of the whole test."""
        if report.when != "teardown":
            return
        for name, value in report.user_properties:
            if name == TRIED and isinstance(value, (list, tuple)):
                self.tally.tries.append(Tried(*value))
            elif name == WRONG and isinstance(value, int):
                self.tally.wrong_allows += value

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table."""
        if self.tally.tries:
            terminalreporter.section("faults in the hot path")
            for line in self.tally.table():
                terminalreporter.line(line)


def register(config: pytest.Config) -> None:
    """Have the table printed at the end, once, whoever asks for it."""
    if not config.pluginmanager.has_plugin(NAME):
        config.pluginmanager.register(Summary(), NAME)
