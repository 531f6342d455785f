"""`python -m rlhfhub.devtools.browser [--install]`: find a Chromium for the browser tests, or install Debian's."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from rlhfhub.devtools.install import InstallError, offer_packages

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_chromium() -> Path | None:
    """An installed Chromium: RLHFHUB_CHROMIUM, else by its usual names, else one Playwright fetched earlier."""
    if named := os.environ.get("RLHFHUB_CHROMIUM"):
        return Path(named) if Path(named).exists() else None
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright")
    return max(cache.glob("chromium-*/chrome-linux*/chrome"), default=None)


def is_debian() -> bool:
    """Whether apt's package `chromium` is a real browser here (elsewhere it may fetch a snap)."""
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return False
    return "ID=debian" in lines


def install() -> None:
    """Install Debian's Chromium where we may."""
    if not is_debian():
        raise InstallError(
            "no Chromium found: install it by your system's package manager, or set RLHFHUB_CHROMIUM"
        )
    offer_packages("no Chromium for the browser tests", "chromium")


def main() -> int:
    """Print the path; the status says whether there is one."""
    parser = argparse.ArgumentParser(prog="python -m rlhfhub.devtools.browser", description=__doc__)
    parser.add_argument("--install", action="store_true")
    if find_chromium() is None and parser.parse_args().install:
        try:
            install()
        except InstallError as error:
            print(f"browser: {error}", file=sys.stderr)
    found = find_chromium()
    print(found or "no Chromium found: browser tests will be skipped")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
