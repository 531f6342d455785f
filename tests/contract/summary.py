"""Say at the end of a run that the contract was kept by the emulator alone."""

import pytest

_sides = {"emulator": 0, "stripe": 0}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count the scenarios of the contract by side."""
    if "tests/contract/" in report.nodeid and report.when == "call":
        for side in _sides:
            _sides[side] += f"[{side}" in report.nodeid


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the line."""
    if _sides["emulator"] and not _sides["stripe"]:
        terminalreporter.write_line(
            f"!!! STRIPE: {_sides['emulator']} scenarios ran on the emulator and were NEVER EXECUTED AGAINST STRIPE:"
            " STRIPE_TEST_KEY is not set !!!",
            yellow=True,
            bold=True,
        )
