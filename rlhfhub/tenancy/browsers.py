"""Known browsers: a signed cookie for each account that signed in with one.

Wrong passwords from a known browser are counted separately, so that strangers' guesses never delay its owner. The
signature covers the password's hash: after a change of password the account has no known browsers.
"""

import secrets
import unicodedata

from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from rlhfhub.tenancy.models import User

MAX_AGE_SECONDS = 180 * 24 * 3600
PATH = "/accounts/"  # only pages that take a password need it


def account_of(email: str) -> str:
    """Return an email address as limits count it: spellings that the database treats as equal are one."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def known(request: HttpRequest, email: str) -> str | None:
    """Return this browser's random id if it signed in to the account of `email` since the password was set."""
    cookie = request.COOKIES.get(_name(email))
    if cookie is None:
        return None
    for user in filter_users_by_email(email, is_active=True):
        try:
            browser = _signer(user, email).unsign(cookie, max_age=MAX_AGE_SECONDS)
        except signing.BadSignature:
            continue
        if _is_theirs(user, email):
            return browser
    return None


def _is_theirs(user: User, email: str) -> bool:
    """Return whether the address belongs to the account. Unconfirmed ones do not: anybody may add those."""
    if user.email.lower() == email.lower():
        return True
    confirmed = EmailAddress.objects.filter(user=user, email__iexact=email, verified=True)
    return bool(confirmed.exists())


def remember(response: HttpResponse, user: User, email: str) -> None:
    """Make the browser that gets `response` known to the account that signed in by `email`."""
    response.set_cookie(
        _name(email),
        _signer(user, email).sign(secrets.token_urlsafe(16)),
        max_age=MAX_AGE_SECONDS,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _name(email: str) -> str:
    return "known-" + salted_hmac("rlhfhub.browsers", account_of(email)).hexdigest()[:16]


def _signer(user: User, email: str) -> signing.TimestampSigner:
    # Sign the address too: similar spellings share a cookie's name but may belong to two people.
    salt = f"rlhfhub.browsers:{user.pk}:{email.lower()}:{user.password}"
    return signing.TimestampSigner(salt=salt)
