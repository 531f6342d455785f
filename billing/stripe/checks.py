"""System checks of the settings: no real money through an emulator, nothing unsigned, the SDK's own version."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from billing.stripe.client import is_live, is_set_up

_KEY = re.compile(r"[sr]k_(live|test)_[A-Za-z0-9_]+")
_SECRET = re.compile(r"whsec_\S+")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@register(Tags.security)
def stripe_is_set_up_whole(**_: Any) -> Sequence[CheckMessage]:
    """If there is a secret key, the other settings fit it. The messages name settings and never their values."""
    if not is_set_up():
        return []
    return [*_faults_of_key(), *_faults_of_base(), *_faults_of_secrets(), *_faults_of_version()]


@register(Tags.security, deploy=True)
def stripe_is_the_real_one(**_: Any) -> Sequence[CheckMessage]:
    """In production the API is Stripe's own, and the key moves real money."""
    if not is_set_up():
        return []
    if settings.STRIPE_API_BASE:
        return [_error("STRIPE_API_BASE is set: production must use Stripe's own address", 7)]
    if not is_live():
        words = "STRIPE_SECRET_KEY is a test key: no real money is moved"
        return [Warning(words, id="billing_stripe.W001")]
    return []


def _error(words: str, number: int) -> Error:
    return Error(words, id=f"billing_stripe.E{number:03}")


def _faults_of_key() -> Iterator[Error]:
    if not _KEY.fullmatch(settings.STRIPE_SECRET_KEY):
        yield _error(
            "STRIPE_SECRET_KEY is not like sk_live_…, sk_test_…, rk_live_… or rk_test_…", 1
        )
    if is_live() and settings.STRIPE_API_BASE:
        yield _error(
            "STRIPE_SECRET_KEY is a live key, and STRIPE_API_BASE is not Stripe's address", 2
        )


def _faults_of_base() -> Iterator[Error]:
    if not settings.STRIPE_API_BASE:
        return
    base = urlsplit(settings.STRIPE_API_BASE)
    is_safe = base.scheme == "https" or (base.scheme == "http" and base.hostname in _LOOPBACK)
    if not is_safe or not base.hostname or base.path or base.query:
        yield _error(
            "STRIPE_API_BASE must be https://… or an address of this machine, without a path", 3
        )


def _faults_of_secrets() -> Iterator[Error]:
    stated = settings.STRIPE_WEBHOOK_SECRETS
    for endpoint, secrets in stated.items():
        name = f"STRIPE_WEBHOOK_SECRETS_{endpoint.upper()}"
        if not 1 <= len(secrets) <= 2:
            yield _error(f"{name} must hold one signing secret, or two while it is rolled", 4)
        if not all(_SECRET.fullmatch(secret) for secret in secrets):
            yield _error(f"{name} holds something that is not like whsec_…", 4)
    every = list(chain.from_iterable(stated.values()))
    if len(set(every)) < len(every):
        yield _error("STRIPE_WEBHOOK_SECRETS_…: each endpoint must have secrets of its own", 5)


def _faults_of_version() -> Iterator[Error]:
    import stripe  # imported late, see errors.translated

    if stripe.api_version != settings.STRIPE_VERSION:
        words = (
            f"STRIPE_VERSION is {settings.STRIPE_VERSION}, and the SDK's is {stripe.api_version}"
        )
        yield _error(words, 6)
