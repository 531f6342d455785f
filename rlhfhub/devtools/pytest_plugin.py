"""A pytest plugin for the tests marked `browser`.

Without a Chromium and what Playwright needs, they are skipped, and the last lines of the run say so prominently. With
RLHFHUB_REQUIRE_BROWSER=1 (as .ci/run sets it) a run that skipped one fails. The plugin also lets plain `pytest` use the
servers that `make servers` started.
"""

import os

import pytest

from rlhfhub.devtools import environment
from rlhfhub.devtools.browser import BROWSER, lacking
from rlhfhub.devtools.servers import ServerError

_skipped: set[str] = set()


@pytest.hookimpl(tryfirst=True)  # before the settings are read
def pytest_load_initial_conftests() -> None:
    """Use the running embedded servers, unless the environment names others."""
    try:
        environment.use_running_servers()
    except ServerError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip browser tests if there is no browser."""
    marked = [item for item in items if item.get_closest_marker("browser")]
    if marked and (packages := lacking()):
        for item in marked:
            item.add_marker(pytest.mark.skip(reason=f"missing: {' '.join(packages)}"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Collect skipped browser tests, whatever the reason."""
    if report.skipped and "browser" in report.keywords:
        _skipped.add(report.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail the run if required browser tests were skipped."""
    if _skipped and os.environ.get("RLHFHUB_REQUIRE_BROWSER") == "1" and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the warning that browser tests were skipped."""
    if _skipped:
        packages = " ".join(lacking() or [BROWSER])
        terminalreporter.write_line(
            f"!!! {len(_skipped)} BROWSER TESTS WERE SKIPPED: on Debian run `sudo apt-get install {packages}` !!!",
            red=True,
            bold=True,
        )
