"""What staff see of two accounts that may be one person's: the devices they share, and where both work. Staff plane."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from rlhfhub.tenancy.devices import LINKED_DAYS
from rlhfhub.tenancy.models import AccountPair

MOST = 50


@dataclass(frozen=True, slots=True)
class SharedDevice:
    """A device that both accounts signed in with: by the start of its digest, and when each first and last did."""

    device: str
    one_first: datetime
    one_last: datetime
    other_first: datetime
    other_last: datetime


@dataclass(frozen=True, slots=True)
class SharedProject:
    """A project in which both accounts have an enrollment, with their pseudonyms and on how many items both worked."""

    workspace: str
    project: str
    one: str
    other: str
    items: int


_DEVICES = """
    SELECT left(a.device_sha256, 8), a.first_at, a.last_at, b.first_at, b.last_at
    FROM rlhfhub_tenancy_deviceuse a JOIN rlhfhub_tenancy_deviceuse b ON b.device_sha256 = a.device_sha256
    WHERE a.user_id = %(one)s AND b.user_id = %(other)s
      AND b.last_at >= a.first_at - %(days)s * interval '1 day'
      AND b.first_at <= a.last_at + %(days)s * interval '1 day'
    ORDER BY GREATEST(a.last_at, b.last_at) DESC LIMIT %(most)s
"""
_PROJECTS = """
    SELECT w.name, p.name, a.pseudonym, b.pseudonym, (
        SELECT count(*) FROM projects_work_annotation x JOIN projects_work_annotation y ON y.item_id = x.item_id
        WHERE x.enrollment_id = a.id AND y.enrollment_id = b.id)
    FROM projects_enrollment_enrollment a JOIN projects_enrollment_enrollment b ON b.project_id = a.project_id
    JOIN projects_plan_project p ON p.id = a.project_id JOIN rlhfhub_tenancy_workspace w ON w.id = p.workspace_id
    WHERE a.annotator_id = %(one)s AND b.annotator_id = %(other)s ORDER BY a.id DESC LIMIT %(most)s
"""


def devices_of(pair: AccountPair) -> list[SharedDevice]:
    """Return the devices that both accounts used within some time of each other, at most 50, the last used first."""
    values = _ids(pair) | {"days": LINKED_DAYS}
    with connection.cursor() as cursor:
        cursor.execute(_DEVICES, values)
        return [SharedDevice(*row) for row in cursor.fetchall()]


def projects_of(pair: AccountPair) -> list[SharedProject]:
    """Return the projects in which both accounts have an enrollment, at most 50, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(_PROJECTS, _ids(pair))
        return [SharedProject(*row) for row in cursor.fetchall()]


def _ids(pair: AccountPair) -> dict[str, Any]:
    return {"one": pair.one_id, "other": pair.other_id, "most": MOST}
