"""Settings that do not fit each other are errors before the site starts, and no message holds a secret."""

from typing import Any

import pytest
import stripe
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from billing.stripe import checks
from tests.stripe.made import SECRETS

pytestmark = pytest.mark.usefixtures("set_up")

FAULTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "all is well": ({}, []),
    "a live key": ({"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_API_BASE": ""}, []),
    "a restricted key": ({"STRIPE_SECRET_KEY": "rk_live_1", "STRIPE_API_BASE": ""}, []),
    "two secrets": ({"STRIPE_WEBHOOK_SECRETS": {**SECRETS, "thin": ["whsec_1", "whsec_2"]}}, []),
    "an address with https": ({"STRIPE_API_BASE": "https://stripe.example"}, []),
    "an address of IPv6": ({"STRIPE_API_BASE": "http://[::1]:12111"}, []),
    "a publishable key": ({"STRIPE_SECRET_KEY": "pk_test_1"}, ["E001"]),
    "a live key and an emulator": ({"STRIPE_SECRET_KEY": "sk_live_1"}, ["E002"]),
    "an address elsewhere": ({"STRIPE_API_BASE": "http://stripe.example"}, ["E003"]),
    "an address of another scheme": ({"STRIPE_API_BASE": "ftp://127.0.0.1"}, ["E003"]),
    "an address with a path": ({"STRIPE_API_BASE": "http://127.0.0.1:9/x"}, ["E003"]),
    "an address of no host": ({"STRIPE_API_BASE": "https://"}, ["E003"]),
    "a disguised address": ({"STRIPE_API_BASE": "http://127.0.0.1@stripe.example"}, ["E003"]),
    "no secret": ({"STRIPE_WEBHOOK_SECRETS": {**SECRETS, "thin": []}}, ["E004"]),
    "three secrets": (
        {"STRIPE_WEBHOOK_SECRETS": {**SECRETS, "thin": ["whsec_1", "whsec_2", "whsec_3"]}},
        ["E004"],
    ),
    "no secret of Stripe's": ({"STRIPE_WEBHOOK_SECRETS": {**SECRETS, "thin": ["x"]}}, ["E004"]),
    "one secret for two": (
        {"STRIPE_WEBHOOK_SECRETS": {**SECRETS, "thin": SECRETS["platform"]}},
        ["E005"],
    ),
    "another version": ({"STRIPE_VERSION": "2025-12-15.clover"}, ["E006"]),
}


def found(messages: Any) -> list[str]:
    return [str(one.id).removeprefix("billing_stripe.") for one in messages]


@pytest.mark.parametrize("name", FAULTS)
def test_the_settings_fit(settings: Any, name: str) -> None:
    changes, ids = FAULTS[name]
    for setting, value in changes.items():
        setattr(settings, setting, value)
    messages = checks.stripe_is_set_up_whole()
    assert found(messages) == ids
    said = " ".join(str(one) for one in messages)
    for secret in ("pk_test_1", "sk_live_1", "whsec_1", "whsec_platform"):
        assert secret not in said


def test_without_a_key_nothing_is_checked(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = "", {}
    assert checks.stripe_is_set_up_whole() == checks.stripe_is_the_real_one() == []


@pytest.mark.parametrize(
    ("key", "base", "ids"),
    [
        ("sk_live_1", "", []),
        ("sk_test_1", "", ["W001"]),
        ("sk_test_1", "http://127.0.0.1:9", ["E007"]),
        ("sk_live_1", "http://127.0.0.1:9", ["E007"]),
    ],
)
def test_production_uses_the_real_one(settings: Any, key: str, base: str, ids: list[str]) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = key, base
    assert found(checks.stripe_is_the_real_one()) == ids


def test_the_checks_are_run(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = "sk_live_1"
    with pytest.raises(SystemCheckError, match="E002"):
        call_command("check")
    settings.STRIPE_SECRET_KEY = "sk_test_1"
    with pytest.raises(SystemCheckError, match="E007"):
        call_command("check", deploy=True)


def test_the_version_is_the_sdks(settings: Any) -> None:
    """Whoever upgrades the SDK reads Stripe's changelog, and changes the version of the webhook endpoints too."""
    assert stripe.api_version == settings.STRIPE_VERSION
