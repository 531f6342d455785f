"""The site as these tests run it: every process, middleware, login and header is the real one.

Different from development are quick password hashes, static files without compression, and names of its own
on the broker, so that sites side by side do not take each other's messages.
"""

from rlhfhub.settings.base import CELERY_BROKER_URL
from rlhfhub.settings.development import *  # noqa: F403
from rlhfhub.settings.development import env

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
# Many sign in from one address within a minute here.
ACCOUNT_RATE_LIMITS = False
if not CELERY_BROKER_URL.startswith("amqp"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": env("SITE_NAME") + ":"}
