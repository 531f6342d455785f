"""Production refuses to start half-configured, and is sound when it is configured."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_several_processes_without_a_shared_cache_are_warned_of() -> None:
    alone = {name: value for name, value in WHOLE.items() if name != "CACHE_URL"}
    done = check(alone)
    assert done.returncode != 0 and "rlhfhub.W001" in done.stderr
    assert check({**alone, "WEB_WORKERS": "1"}).returncode == 0


def test_a_limit_that_cannot_be_read_is_refused() -> None:
    done = check({**WHOLE, "THROTTLE_EXPORTS": "many"})
    assert done.returncode != 0 and "THROTTLE_EXPORTS" in done.stderr
    assert check({**WHOLE, "THROTTLE_EXPORTS": ""}).returncode == 0


def test_refused_keys_are_counted_by_client_behind_the_proxy() -> None:
    look = (
        "import django; django.setup(); from django.test import RequestFactory; "
        "from rlhfhub.api.throttles import FailedKeys; "
        "sent = {'HTTP_X_FORWARDED_FOR': '6.6.6.6, 203.0.113.9', 'REMOTE_ADDR': '10.0.0.1'}; "
        "print(FailedKeys().get_cache_key(RequestFactory().get('/', **sent), None))"
    )
    assert answer_of(look).endswith("203.0.113.9")
    assert answer_of(look, BEHIND_TLS_PROXY="false").endswith("10.0.0.1")


def test_mails_leave_by_the_named_server() -> None:
    address = "smtp+tls://hub:p%40ss@mail.example.org:587"
    show = (
        "from django.conf import settings as s; "
        "print(s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_HOST_USER, s.EMAIL_HOST_PASSWORD, s.EMAIL_USE_TLS)"
    )
    said = answer_of(show, EMAIL_URL=address)
    assert said == "mail.example.org 587 hub p@ss True"


def test_sign_in_limits_count_by_client_behind_the_proxy() -> None:
    look = (
        "import django; django.setup(); from django.test import RequestFactory; "
        "from allauth.account.adapter import get_adapter; "
        "sent = {'HTTP_X_FORWARDED_FOR': '6.6.6.6, 203.0.113.9', 'REMOTE_ADDR': '10.0.0.1'}; "
        "print(get_adapter().get_client_ip(RequestFactory().get('/', **sent)))"
    )
    assert answer_of(look) == "203.0.113.9"
