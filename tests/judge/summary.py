"""The numbers of what was judged, at the end of a run; they travel as properties of the tests' reports."""

import pytest

PROPERTY = "judged"
RECORDED = "judged recordings"
"""How many reviews a test recorded, and of which kinds: a property of its teardown."""
PRINTED = pytest.StashKey[bool]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print each number once, however many conftests bring this hook."""
    if config.stash.get(PRINTED, False):
        return
    config.stash[PRINTED] = True
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    judged = sorted(
        str(value)
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == PROPERTY
    )
    recorded = [
        value
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "teardown"
        for name, value in report.user_properties
        if name == RECORDED and isinstance(value, list)
    ]
    if recorded:
        kinds = {kind for _, found in recorded for kind in found}
        count = sum(number for number, _ in recorded)
        judged.append(f"asked of the gate by its tests: {count} reviews of {len(kinds)} kinds, each judged")
    if judged:
        terminalreporter.section("the independent judge")
    for line in judged:
        terminalreporter.write_line(line)
