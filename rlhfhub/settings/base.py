"""Settings common to every way of running; secrets and addresses come from the environment."""

from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF

from rlhfhub.ground.dsn import database
from rlhfhub.settings.background import *  # noqa: F403
from rlhfhub.settings.log_lines import logging_at
from rlhfhub.settings.mail import *  # noqa: F403
from rlhfhub.settings.pay_floor import floors
from rlhfhub.settings.payouts import payouts
from rlhfhub.settings.rates import Rates
from rlhfhub.settings.schema import SPECTACULAR_SETTINGS  # noqa: F401
from rlhfhub.settings.staff_site import UNFOLD  # noqa: F401
from rlhfhub.settings.stripe import *  # noqa: F403

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parents[2]
STATE_DIR = Path(env("RLHFHUB_STATE", default=str(BASE_DIR / "var")))
STORAGE_DIR = Path(env("RLHFHUB_STORAGE", default=str(STATE_DIR / "storage")))

# The site's documents for people who work: work.md, confidentiality.md and rights.md. `migrate` publishes them.
TERMS_DIR = Path(env("TERMS_DIR", default=str(BASE_DIR / "annotators/profiles/terms")))
# The slug of the platform's own workspace, which pays annotators to decide appeals; empty: staff decide them all.
PLATFORM_WORKSPACE = env("RLHFHUB_PLATFORM_WORKSPACE", default="")
# The least that an hour of paid work must pay, in minor units by currency: USD:800,EUR:800; empty: no floor.
PAY_FLOOR = floors(env("RLHFHUB_PAY_FLOOR", default=""))
# The weekday of the payouts, and the least amounts in minor units by currency.
PAYOUT_WEEKDAY, PAYOUT_LEAST = payouts(env("RLHFHUB_PAYOUTS", default=""))

DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
ROOT_URLCONF = "rlhfhub.urls"
WSGI_APPLICATION = "rlhfhub.wsgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
USE_I18N = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "rlhfhub_tenancy.User"

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "allauth",
    "allauth.account",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "rlhfhub.tenancy",
    "rlhfhub.events",
    "rlhfhub.api",
    "rlhfhub.web",
    "rlhfhub.notices",
    "rlhfhub.members",
    "annotators.profiles",
    "projects.plan",
    "projects.items",
    "projects.enrollment",
    "projects.work",
    "projects.calibration",
    "projects.review",
    "projects.quality",
    "projects.exports",
    "projects.overview",
    "billing.ledger",
    "billing.stripe",
    "billing.deposits",
    "billing.recipients",
    "billing.readings",
    "billing.funding",
    "billing.bonuses",
    "billing.accruals",
    "billing.payouts",
    "billing.statements",
    "billing.reconciliation",
    "rlhfhub",
]

MIDDLEWARE = [
    "rlhfhub.web.request_log.RequestLogMiddleware",
    "rlhfhub.web.redirects.RedirectMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "rlhfhub.web.caching.NoStoreMiddleware",
    "rlhfhub.web.pages_only.PagesCSPMiddleware",
    "rlhfhub.web.charsets.CharsetMiddleware",
    "rlhfhub.web.queries.QueryMiddleware",
    "rlhfhub.web.scope.ScopeMiddleware",
    "rlhfhub.web.pages_only.PagesSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "rlhfhub.web.pages_only.PagesAuthenticationMiddleware",
    "rlhfhub.web.pages_only.PagesMessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "rlhfhub.web.pages_only.PagesHtmxMiddleware",
    "rlhfhub.web.pages_only.PagesMethodMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

# --- Database: the site's login owns nothing; migrations use the owner's login. ---
LOGIN = env("RLHFHUB_LOGIN", default="site")
DATABASE_URL = env("DATABASE_URL", default="postgresql://rlhfhub_app@/rlhfhub")
DATABASE_OWNER_URL = env("DATABASE_OWNER_URL", default="postgresql://rlhfhub_owner@/rlhfhub")
DATABASES = {"default": database(DATABASE_OWNER_URL if LOGIN == "owner" else DATABASE_URL)}
# Give up early on a server that does not respond, because each wait blocks a thread. The address may override this.
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": "5",
    "tcp_user_timeout": "30000",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    **DATABASES["default"]["OPTIONS"],
}
DATABASES["default"].update(
    CONN_MAX_AGE=env.int("CONN_MAX_AGE", default=300),
    # No ping for each request: ScopeMiddleware replaces a dead connection when the first statement fails.
    CONN_HEALTH_CHECKS=False,
)

# --- Accounts ---
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "rlhfhub.tenancy.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = env("ACCOUNT_EMAIL_VERIFICATION", default="mandatory")
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_FORMS = {
    "signup": "rlhfhub.tenancy.account_forms.SignupForm",
    "reset_password": "rlhfhub.tenancy.account_forms.ResetPasswordForm",
}
# The mailed link signs in the browser that made the account, which goes on to what it was on its way to.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
# The mailed link signs the person in at once, so that they need not wait for the limit on wrong passwords.
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
# Each a number per second, minute or hour. Wrong passwords are limited in rlhfhub.tenancy.guesses instead.
ACCOUNT_RATE_LIMITS = Rates(
    {
        "login": "300/m/ip",
        "login_failed": "",
        "signup": "20/m/ip",
        "reset_password": "20/m/ip,5/m/key",
        "confirm_email": "1/180s/key",
        "manage_email": "10/m/user",
        "change_password": "5/m/user",
        "reauthenticate": "10/m/user",
    }
)
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "/accounts/login/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Messages are in a cookie and need no row, because pages that open their own transactions have messages too.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "rlhfhub.web.views.csrf_failure"

# --- REST ---
# The number of proxies before the site; 0 means that the connecting address is the client's. Production sets it.
TRUSTED_PROXIES = 0
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rlhfhub.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rlhfhub.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rlhfhub.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rlhfhub.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "rlhfhub.api.schema.Schema",
    "EXCEPTION_HANDLER": "rlhfhub.api.errors.handle",
    # Off, so that `?format=` is an ordinary parameter, which views must declare.
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "NUM_PROXIES": TRUSTED_PROXIES,
}
# Each a number per second, minute, hour or day (`60/minute`); empty for no limit. The first three limit a workspace's
# REST requests and pages together, the last limits a client address. The desk is not limited.
THROTTLES = {
    "imports": env("THROTTLE_IMPORTS", default="60/minute"),
    "funding": env("THROTTLE_FUNDING", default="60/minute"),
    "exports": env("THROTTLE_EXPORTS", default="60/hour"),
    "failed_keys": env("THROTTLE_FAILED_KEYS", default="30/minute"),
}

# --- Cache: limits and costly counts. Several web processes need a shared one (Redis or Valkey). ---
if CACHE_URL := env("CACHE_URL", default=""):
    CACHES = {"default": {"BACKEND": "rlhfhub.shared_cache.SharedCache", "LOCATION": CACHE_URL}}
# The number of web processes on this machine; the entrypoint's default is several.
WEB_WORKERS = env.int("WEB_WORKERS", default=8)
# Threads in each process that run requests (rlhfhub.server). They share an interpreter: more would not help.
WEB_THREADS = env.int("WEB_THREADS", default=2)

# --- Static files ---
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(STATE_DIR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Security headers ---
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    },
}
SILENCED_SYSTEM_CHECKS = ["fields.W342"]  # tenant_fk(unique=True): a TenantKey holds it
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# --- Limits of one request; imports are stored on disk within their own limits. ---
# Request bodies are stored here while they arrive. It must be on a real disk: /tmp may be in memory.
UPLOADS_DIR = STORAGE_DIR / "uploads"
FILE_UPLOAD_TEMP_DIR = UPLOADS_DIR
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=2 * 1024**3)
LEASE_GRACE_SECONDS = 30
DEVICE_USE_DAYS = env.int("DEVICE_USE_DAYS", default=180)  # who used a browser is kept so long
# The time of a program's answer counts so many times: in development, simulated annotators think faster than people.
PROGRAM_SPEED = 1.0
# Turn this off for a transaction pooler that cannot keep prepared statements (PgBouncer before 1.21).
PREPARE_STATEMENTS = env.bool("PREPARE_STATEMENTS", default=True)
if PREPARE_STATEMENTS:
    # Prepare only what rlhfhub.tenancy.prepared requests. None, Django's default, would disable that too.
    DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 1_000_000_000

LOG_LEVEL = env("LOG_LEVEL", default="INFO")
LOGGING = logging_at(LOG_LEVEL)
