"""The numbers of what was judged, at the end of a run; they travel as properties of the tests' reports."""

import pytest

PROPERTY = "judged"
PRINTED = pytest.StashKey[bool]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print each number once, however many conftests bring this hook."""
    if config.stash.get(PRINTED, False):
        return
    config.stash[PRINTED] = True
    reports = (report for reports in terminalreporter.stats.values() for report in reports)
    judged = sorted(
        str(value)
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == PROPERTY
    )
    if judged:
        terminalreporter.section("the independent judge")
    for line in judged:
        terminalreporter.write_line(line)
