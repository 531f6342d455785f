"""System checks of the site: every table has its wall, and the site's login sees past none."""

import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from rlhfhub.ground.dsn import database
from rlhfhub.tenancy import inspection, owners, rights

_RATE = re.compile(r"[1-9][0-9]{0,6}/(s|sec|second|m|min|minute|h|hour|d|day)")
# Links between tenant rows that no composite key holds, each with what holds it.
# Where a trigger or a wider key is named, the row cannot be written otherwise; `verify_invariants` T3 looks too.
_ITEM = "the slot's item is keyed, and slots are written from the item's row"
_LEASE = "the trigger `made` compares it with its lease and slot, which are keyed"
_ENROLLED = "the lease's slot and enrollment are keyed; W6 compares their projects"
_FREEZING = "the trigger `freezing` compares it with its export, and `kept` keeps every export"
_VOTES = "the item is keyed, and the row is written from the item's"
_FROZEN = "freezing reads the item in the statement that writes the row"
UNKEYED = {
    ("projects_work_slot", "project_id"): _ITEM,
    ("projects_work_slot", "batch_id"): _ITEM,
    ("projects_work_lease", "project_id"): _ENROLLED,
    ("projects_work_lease", "form_id"): _ENROLLED,
    ("projects_work_annotation", "project_id"): _LEASE,
    ("projects_work_annotation", "batch_id"): _LEASE,
    ("projects_work_annotation", "enrollment_id"): _LEASE,
    ("projects_work_annotation", "form_id"): _LEASE,
    ("projects_work_annotation", "guideline_version_id"): _LEASE,
    ("projects_quality_consensus", "project_id"): _VOTES,
    ("projects_quality_consensus", "batch_id"): _VOTES,
    ("projects_exports_exportrow", "export_id"): _FREEZING,
    ("projects_exports_exportrow", "item_id"): _FROZEN,
}


@register(Tags.caches, deploy=True)
def limits_are_shared(**_: Any) -> Sequence[CheckMessage]:
    """Several processes count together, or each lets through as much as all of them should."""
    backend = str(settings.CACHES["default"]["BACKEND"])
    if settings.WEB_WORKERS == 1 or not backend.endswith(("LocMemCache", "DummyCache")):
        return []
    words = "Limits on sign-ins and REST are counted by each web process alone"
    hint = "Set CACHE_URL to a Redis or Valkey, or WEB_WORKERS=1 if there is one process only."
    return [Warning(words, hint=hint, id="rlhfhub.W001")]


@register(Tags.caches)
def limits_can_be_read(**_: Any) -> Sequence[CheckMessage]:
    """A number in a second, minute, hour or day."""
    return [
        Error(f"THROTTLE_{name.upper()}={rate!r} is not like 60/minute", id="rlhfhub.E006")
        for name, rate in settings.THROTTLES.items()
        if rate and not _RATE.fullmatch(rate)
    ]


@register(Tags.models)
def tables_have_walls(**_: Any) -> Sequence[CheckMessage]:
    """A model's table stands in WALLS or, with its reason, in OUTSIDE."""
    return [Error(fault, id="rlhfhub.E001") for fault in inspection.models_without_wall()]


@register(Tags.models)
def links_have_keys(**_: Any) -> Sequence[CheckMessage]:
    """A link between tenant rows has a TenantKey, or stands in UNKEYED with what holds it."""
    found = set(inspection.links_without_key())
    return [
        *(
            Error(f"{t}.{c} has no TenantKey", id="rlhfhub.E002")
            for t, c in sorted(found - UNKEYED.keys())
        ),
        *(
            Error(f"{t}.{c} has a key now: unlist it", id="rlhfhub.E003")
            for t, c in sorted(UNKEYED.keys() - found)
        ),
    ]


@register(Tags.database)
def login_sees_past_no_wall(
    databases: Sequence[str] | None = None, **_: Any
) -> Sequence[CheckMessage]:
    """The site's login owns nothing, becomes nobody who does, and bypasses nothing (I39)."""
    if not databases or "default" not in databases:
        return []
    login = database(settings.DATABASE_URL)["USER"]
    return [Error(fault, id="rlhfhub.E004") for fault in inspection.login_faults(login)]


@register(Tags.database)
def large_objects_are_closed(
    databases: Sequence[str] | None = None, **_: Any
) -> Sequence[CheckMessage]:
    """The site's login makes and reads no large object. No error: some servers give nobody their superuser."""
    login = database(settings.DATABASE_URL)["USER"]
    if not databases or "default" not in databases:
        return []
    if not any(inspection.large_object_faults(login)):
        return []
    words = f"{login} may make large objects and read everybody's: no policy guards them"
    return [Warning(words, hint="Run create_roles as a superuser.", id="rlhfhub.W002")]


@register(Tags.database)
def walls_stand(databases: Sequence[str] | None = None, **_: Any) -> Sequence[CheckMessage]:
    """The database's grants and policies are those of `walls_table`, and no function sees past them."""
    # Before it migrates, the owner would be told that the walls are those of the version before.
    if not databases or "default" not in databases or settings.LOGIN == "owner":
        return []
    return [Error(fault, id="rlhfhub.E005") for fault in rights.faults_of_walls()]


@register(Tags.database)
def nothing_is_foreign(databases: Sequence[str] | None = None, **_: Any) -> Sequence[CheckMessage]:
    """Nothing belongs to a stranger, as after some restores: `migrate` would end in a traceback."""
    if not databases or "default" not in databases:
        return []
    return [
        Error(str(stray), hint=owners.MENDED_BY, id="rlhfhub.E007") for stray in rights.foreign()
    ]
