"""The web with careless leasing."""

from tests.concurrency.web_settings import *  # noqa: F403
from tests.concurrency.web_settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.concurrency.naive"]
