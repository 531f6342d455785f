"""Devices: a signed cookie marks the browser that somebody signs in with, and who used it is stored.

Two accounts that used one device may be one person, who could then agree with themselves. Staff see them; no rule acts
on it, because families and offices share computers. Only a digest of the cookie's value is stored. Browsers send the
cookie to the pages of accounts alone, and only a sign-in reads it.
"""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core import signing
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse

from rlhfhub.ground.ids import uuid7
from rlhfhub.tenancy.browsers import PATH
from rlhfhub.tenancy.models import DeviceUse, User

COOKIE = "device"
#: Browsers keep no cookie for longer. Each sign-in begins it anew.
MAX_AGE_SECONDS = 400 * 24 * 3600
#: Accounts are linked if they used a device within so many days of each other.
LINKED_DAYS = 90

_USED = """
    INSERT INTO rlhfhub_tenancy_deviceuse (id, device_sha256, user_id, first_at, last_at)
    VALUES (%s, %s, %s, statement_timestamp(), statement_timestamp())
    ON CONFLICT (device_sha256, user_id) DO UPDATE SET last_at = statement_timestamp()
"""
_DELETE_OLD = """
    DELETE FROM rlhfhub_tenancy_deviceuse WHERE id IN (
        SELECT id FROM rlhfhub_tenancy_deviceuse
        WHERE last_at < statement_timestamp() - %s * interval '1 day' LIMIT 10000)
"""
_SIGNER = signing.TimestampSigner(salt="rlhfhub.devices")


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Store that the user signed in with this device, and mark it if it has no valid cookie yet. Door plane."""
    device = _known(request) or secrets.token_urlsafe(16)
    with connection.cursor() as cursor:
        cursor.execute(_USED, [uuid7(), hashlib.sha256(device.encode()).hexdigest(), user.pk])
    response.set_cookie(
        COOKIE,
        _SIGNER.sign(device),
        max_age=MAX_AGE_SECONDS,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _known(request: HttpRequest) -> str | None:
    """Return the value in the request's cookie; None without one that this site has signed."""
    try:
        return _SIGNER.unsign(request.COOKIES.get(COOKIE, ""), max_age=MAX_AGE_SECONDS)
    except signing.BadSignature:
        return None


def delete_old_uses() -> int:
    """Delete at most 10,000 uses that are older than `DEVICE_USE_DAYS` days. System plane. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_DELETE_OLD, [settings.DEVICE_USE_DAYS])
        return int(cursor.rowcount)


def linked(uses: QuerySet[DeviceUse]) -> QuerySet[DeviceUse]:
    """Return the uses of devices that another account used within `LINKED_DAYS` days. Staff plane.

    `others` of each are the other accounts' uses: {"email", "first", "last"}, the times in ISO format.
    """
    days = timedelta(days=LINKED_DAYS)
    others = DeviceUse.objects.filter(
        device_sha256=OuterRef("device_sha256"),
        last_at__gte=OuterRef("first_at") - days,
        first_at__lte=OuterRef("last_at") + days,
    ).exclude(user=OuterRef("user"))
    told = JSONObject(email="user__email", first="first_at", last="last_at")
    all_others = ArraySubquery(others.order_by("first_at", "pk").values(told=told))
    return uses.filter(Exists(others)).annotate(others=all_others)
