"""The site that the journeys go through."""

from tests.browser.site_fixtures import _no_faults_in_the_logs, site, static_files

__all__ = ["_no_faults_in_the_logs", "site", "static_files"]
