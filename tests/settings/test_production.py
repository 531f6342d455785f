"""Production refuses to start half-configured, and is sound when it is configured."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
WHOLE = {
    "SECRET_KEY": "only-for-this-test-" * 4,
    "ALLOWED_HOSTS": "hub.example.org",
    "DATABASE_URL": "postgresql://rlhfhub_app:x@db/rlhfhub",
    "DATABASE_OWNER_URL": "postgresql://rlhfhub_owner:x@db/rlhfhub",
    "CELERY_BROKER_URL": "amqp://guest@broker//",
    "CACHE_URL": "redis://cache/0",
}


def check(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**kept, "DJANGO_SETTINGS_MODULE": "rlhfhub.settings.production", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def answer_of(program: str, **environment: str) -> str:
    """What a program prints that runs under production settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    settings = {"DJANGO_SETTINGS_MODULE": "rlhfhub.settings.production", **environment}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**kept, **WHOLE, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()


def test_whole_it_has_no_warnings() -> None:
    done = check(WHOLE)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    "missing", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "CELERY_BROKER_URL"]
)
def test_without_a_secret_it_refuses_and_names_it(missing: str) -> None:
    done = check({name: value for name, value in WHOLE.items() if name != missing})
    assert done.returncode != 0
    assert missing in done.stderr


@pytest.mark.parametrize("key", ["short", "django-insecure-" + "x" * 60, "change-me-" + "x" * 60])
def test_a_weak_key_is_refused(key: str) -> None:
    done = check({**WHOLE, "SECRET_KEY": key})
    assert done.returncode != 0
    assert "50 random characters" in done.stderr


WITHOUT_CACHE = {name: value for name, value in WHOLE.items() if name != "CACHE_URL"}


def test_several_processes_without_a_shared_cache_are_warned_of() -> None:
    done = check(WITHOUT_CACHE)
    assert done.returncode != 0 and "rlhfhub.W001" in done.stderr


def test_a_limit_that_cannot_be_read_is_refused() -> None:
    done = check({**WHOLE, "THROTTLE_EXPORTS": "many"})
    assert done.returncode != 0 and "THROTTLE_EXPORTS" in done.stderr


def test_one_process_needs_no_shared_cache_and_a_limit_may_be_empty() -> None:
    done = check({**WITHOUT_CACHE, "WEB_WORKERS": "1", "THROTTLE_EXPORTS": ""})
    assert done.returncode == 0, done.stderr


# Prints the client's address twice: as failed keys are counted by it, and as sign-in limits are.
PRINT_CLIENT = """
import django
django.setup()
from allauth.account.adapter import get_adapter
from django.test import RequestFactory
from rlhfhub.api.throttles import FailedKeys

headers = {"HTTP_X_FORWARDED_FOR": "6.6.6.6, 203.0.113.9", "REMOTE_ADDR": "10.0.0.1"}
request = RequestFactory().get("/", **headers)
print(FailedKeys().get_cache_key(request, None))
print(get_adapter().get_client_ip(request))
"""


def test_limits_count_by_client_behind_the_proxy() -> None:
    failed_keys, sign_ins = answer_of(PRINT_CLIENT).splitlines()
    assert failed_keys.endswith("203.0.113.9")
    assert sign_ins == "203.0.113.9"


def test_without_a_proxy_its_header_is_not_believed() -> None:
    failed_keys, _ = answer_of(PRINT_CLIENT, BEHIND_TLS_PROXY="false").splitlines()
    assert failed_keys.endswith("10.0.0.1")


def test_mails_leave_by_the_named_server() -> None:
    address = "smtp+tls://hub:p%40ss@mail.example.org:587"
    show = (
        "from django.conf import settings as s; "
        "print(s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_HOST_USER, s.EMAIL_HOST_PASSWORD, s.EMAIL_USE_TLS)"
    )
    said = answer_of(show, EMAIL_URL=address)
    assert said == "mail.example.org 587 hub p@ss True"


def test_links_in_mails_lead_to_the_first_host_unless_said_otherwise() -> None:
    show = "from django.conf import settings as s; print(s.SITE_URL)"
    assert answer_of(show) == "https://hub.example.org"
    assert answer_of(show, SITE_URL="") == "https://hub.example.org"
    assert answer_of(show, SITE_URL="https://other.example") == "https://other.example"
