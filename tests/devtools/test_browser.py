"""Browser tests are skipped loudly, and a run that demands them fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rlhfhub.devtools import browser

CHECKOUT = Path(__file__).resolve().parents[2]


def run_marked_test(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "test_page.py").write_text(
        "import pytest\n@pytest.mark.browser\ndef test_page(): pass\ndef test_other(): pass\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    browser: a page\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "rlhfhub.devtools.pytest_plugin",
        str(tmp_path),
    ]
    ground = {"PYTHONPATH": str(CHECKOUT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment = os.environ | ground | variables
    environment.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False
    )


def test_without_a_browser_they_are_skipped_with_a_loud_line(tmp_path: Path) -> None:
    done = run_marked_test(tmp_path, RLHFHUB_CHROMIUM="/none", RLHFHUB_REQUIRE_BROWSER="0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "!!! 1 BROWSER TESTS WERE SKIPPED" in done.stdout
    assert "1 passed, 1 skipped" in done.stdout
    assert "sudo apt-get install chromium" in done.stdout


def test_a_run_that_demands_them_fails(tmp_path: Path) -> None:
    done = run_marked_test(tmp_path, RLHFHUB_CHROMIUM="/none", RLHFHUB_REQUIRE_BROWSER="1")
    assert done.returncode == 1, done.stdout + done.stderr


@pytest.mark.skipif(not browser.driver_starts(), reason="Playwright's driver lacks its library")
def test_with_a_browser_they_run(tmp_path: Path) -> None:
    done = run_marked_test(tmp_path, RLHFHUB_CHROMIUM=sys.executable, RLHFHUB_REQUIRE_BROWSER="1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SKIPPED" not in done.stdout


def test_a_named_browser_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RLHFHUB_CHROMIUM", "/none")
    assert browser.find_chromium() is None


@pytest.mark.parametrize(
    ("chromium", "driver", "packages"),
    [
        (None, False, ["chromium", "libatomic1"]),
        (Path("/usr/bin/chromium"), False, ["libatomic1"]),
        (None, True, ["chromium"]),
        (Path("/usr/bin/chromium"), True, []),
    ],
)
def test_what_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, chromium: Path | None, driver: bool, packages: list[str]
) -> None:
    """A bare Debian's Chromium comes without the library that Playwright's driver needs."""
    monkeypatch.setattr(browser, "find_chromium", lambda: chromium)
    monkeypatch.setattr(browser, "driver_starts", lambda: driver)
    assert browser.lacking() == packages
