"""Test settings: the owner's login makes the database; requests still go through the planes."""

from rlhfhub.ground.dsn import database
from rlhfhub.settings.base import *  # noqa: F403
from rlhfhub.settings.base import (
    DATABASE_OWNER_URL,
    DATABASES,
    INSTALLED_APPS,
    STATE_DIR,
    THROTTLES,
)
from rlhfhub.settings.log_lines import logging_at
from rlhfhub.settings.stripe import STRIPE_WEBHOOK_SECRETS

INSTALLED_APPS = [*INSTALLED_APPS, "rlhfhub.devtools"]

SECRET_KEY = "only-for-tests-" * 5
DATABASES["default"] = {
    **DATABASES["default"],
    **database(DATABASE_OWNER_URL),
    "CONN_MAX_AGE": 0,
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGE_DIR = STATE_DIR / "test-storage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ALLOWED_HOSTS = ["*"]
# Each process counts alone, and limits allow practically everything: all tests come from one address.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
THROTTLES = {**dict.fromkeys(THROTTLES, "100000/minute"), "failed_keys": ""}
LOG_LEVEL = "ERROR"
LOGGING = logging_at(LOG_LEVEL)
# No test reaches Stripe, whatever the environment says; those that need a key set it.
STRIPE_SECRET_KEY = STRIPE_API_BASE = ""
STRIPE_WEBHOOK_SECRETS = {endpoint: [] for endpoint in STRIPE_WEBHOOK_SECRETS}
