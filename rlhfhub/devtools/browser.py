"""`python -m rlhfhub.devtools.browser [--install]`: finds what browser tests need, or installs it from Debian.

They need a Chromium and the one system library that Playwright's driver uses.
"""

import argparse
import os
import shutil
import sys
from functools import cache
from pathlib import Path

from rlhfhub.devtools.install import InstallError, offer_packages, runs

BROWSER, DRIVERS_LIBRARY = "chromium", "libatomic1"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_chromium() -> Path | None:
    """Return an installed Chromium: RLHFHUB_CHROMIUM, else one with a usual name, else one fetched by Playwright."""
    if named := os.environ.get("RLHFHUB_CHROMIUM"):
        return Path(named) if Path(named).exists() else None
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright")
    return max(cache.glob("chromium-*/chrome-linux*/chrome"), default=None)


def is_debian() -> bool:
    """Return whether apt's package `chromium` is a real browser here. On other systems it may install a snap."""
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return False
    return "ID=debian" in lines


@cache
def driver_starts() -> bool:
    """Return whether Playwright's driver finds all its libraries (a minimal Debian has no libatomic)."""
    return runs(sys.executable, "-m", "playwright", "--version")


def lacking() -> list[str]:
    """Return the Debian packages that browser tests need and that are missing."""
    lacks = {BROWSER: find_chromium() is None, DRIVERS_LIBRARY: not driver_starts()}
    return [package for package, lacks_it in lacks.items() if lacks_it]


def install(packages: list[str]) -> None:
    """Install the Debian packages as root on Debian, else raise an error that says what to do."""
    if BROWSER in packages and not is_debian():
        raise InstallError(
            "no Chromium found: install it by your system's package manager, or set RLHFHUB_CHROMIUM"
        )
    offer_packages("browser tests lack something", *packages)
    driver_starts.cache_clear()


def main() -> int:
    """Print the path; the status says whether browser tests can run."""
    parser = argparse.ArgumentParser(prog="python -m rlhfhub.devtools.browser", description=__doc__)
    parser.add_argument("--install", action="store_true")
    if parser.parse_args().install and (packages := lacking()):
        try:
            install(packages)
        except InstallError as error:
            print(f"browser: {error}", file=sys.stderr)
    packages = lacking()
    print(
        f"without {' and '.join(packages)} browser tests will be skipped"
        if packages
        else find_chromium()
    )
    return 1 if packages else 0


if __name__ == "__main__":
    sys.exit(main())
