"""The site that the demo and the simulator work on."""

from tests.browser.site_fixtures import _no_faults_in_the_logs, site, static_files

__all__ = ["_no_faults_in_the_logs", "site", "static_files"]
