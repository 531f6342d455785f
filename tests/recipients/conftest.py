"""Fixtures of recipients: a person who may be paid, and Stripe's emulator as the API."""

import pytest

from rlhfhub.tenancy.models import User
from tests import people
from tests.stripe.conftest import emulator, handlers, set_up

__all__ = ["emulator", "handlers", "set_up"]


@pytest.fixture
def user(db: None) -> User:
    """Somebody in Germany, where Stripe pays."""
    return people.make_user("Ada", "ada@x.example")


@pytest.fixture
def elsewhere(db: None) -> User:
    """Somebody in Kenya, where we pay by hand."""
    user = people.make_user("Wangari", "wangari@x.example", may_be_paid=False)
    people.allow_pay(user, "KE")
    return user
