"""Production settings: the site does not start without its secrets, and serves HTTPS only."""

from django.core.exceptions import ImproperlyConfigured

from rlhfhub.settings.base import *  # noqa: F403
from rlhfhub.settings.base import ALLOWED_HOSTS, REST_FRAMEWORK, env

REQUIRED = ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "CELERY_BROKER_URL")
missing = [name for name in REQUIRED if not env(name, default="")]
if missing:
    raise ImproperlyConfigured("set in the environment: " + ", ".join(missing))

SECRET_KEY = env("SECRET_KEY")
if len(SECRET_KEY) < 50 or SECRET_KEY.startswith(("django-insecure-", "change-me")):
    raise ImproperlyConfigured("SECRET_KEY needs 50 random characters or more")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
SITE_URL = env("SITE_URL", default="") or f"https://{ALLOWED_HOSTS[0].lstrip('.')}"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
if env.bool("BEHIND_TLS_PROXY", default=True):
    # The proxy must set this header and drop any that clients send.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Each proxy appends its client's address to X-Forwarded-For. Without this, all people would share one address for
    # the limit on wrong passwords, and one person's guesses would delay everybody.
    TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1)
    ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
    REST_FRAMEWORK = {**REST_FRAMEWORK, "NUM_PROXIES": TRUSTED_PROXIES}
