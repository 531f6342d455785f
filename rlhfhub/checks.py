"""System checks of the site: every table has its wall, and the site's login cannot bypass any."""

import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from rlhfhub.ground.dsn import database
from rlhfhub.tenancy import homes, inspection, links, owners, rights

_RATE = re.compile(r"[1-9][0-9]{0,6}/(s|sec|second|m|min|minute|h|hour|d|day)")


@register(Tags.caches, deploy=True)
def limits_are_shared(**_: Any) -> Sequence[CheckMessage]:
    """Warn when several web processes have no shared cache: each would allow the full limit by itself."""
    backend = str(settings.CACHES["default"]["BACKEND"])
    if settings.WEB_WORKERS == 1 or not backend.endswith(("LocMemCache", "DummyCache")):
        return []
    words = "Limits on sign-ins and REST are counted by each web process alone"
    hint = "Set CACHE_URL to a Redis or Valkey, or WEB_WORKERS=1 if there is one process only."
    return [Warning(words, hint=hint, id="rlhfhub.W001")]


@register(Tags.caches)
def limits_can_be_read(**_: Any) -> Sequence[CheckMessage]:
    """Every throttle setting is a number per second, minute, hour or day."""
    return [
        Error(f"THROTTLE_{name.upper()}={rate!r} is not like 60/minute", id="rlhfhub.E006")
        for name, rate in settings.THROTTLES.items()
        if rate and not _RATE.fullmatch(rate)
    ]


@register(Tags.models)
def tables_have_walls(**_: Any) -> Sequence[CheckMessage]:
    """Every model's table has its wall in its room's `walls.py`, or is listed in OUTSIDE with a reason."""
    return [Error(fault, id="rlhfhub.E001") for fault in homes.faults()]


@register(Tags.models)
def links_have_keys(**_: Any) -> Sequence[CheckMessage]:
    """Every link between tenant rows has a TenantKey, or its model states what holds it instead."""
    neither = "has no TenantKey: declare one, or state in held_by what holds it"
    both = "has a TenantKey: remove its held_by"
    found = sorted(links.links(), key=str)
    return [
        *(
            Error(f"{x} {neither}", id="rlhfhub.E002")
            for x in found
            if not (x.has_key or x.held_by)
        ),
        *(Error(f"{x} {both}", id="rlhfhub.E003") for x in found if x.has_key and x.held_by),
    ]


@register(Tags.database)
def login_sees_past_no_wall(
    databases: Sequence[str] | None = None, **_: Any
) -> Sequence[CheckMessage]:
    """The site's login owns nothing, cannot become a role that does, and bypasses nothing (I39)."""
    if not databases or "default" not in databases:
        return []
    login = database(settings.DATABASE_URL)["USER"]
    return [Error(fault, id="rlhfhub.E004") for fault in inspection.login_faults(login)]


@register(Tags.database)
def large_objects_are_closed(
    databases: Sequence[str] | None = None, **_: Any
) -> Sequence[CheckMessage]:
    """The site's login can make and read no large object. Only a warning: some hosts give customers no superuser."""
    login = database(settings.DATABASE_URL)["USER"]
    if not databases or "default" not in databases:
        return []
    if not any(inspection.large_object_faults(login)):
        return []
    words = f"{login} may make large objects and read those of others: no policy guards them"
    return [Warning(words, hint="Run create_roles as a superuser.", id="rlhfhub.W002")]


@register(Tags.database)
def walls_stand(databases: Sequence[str] | None = None, **_: Any) -> Sequence[CheckMessage]:
    """The database's grants and policies are those that the rooms state, and no function bypasses them."""
    # Skip this for the owner's login: before `migrate` the walls are still those of the earlier version.
    if not databases or "default" not in databases or settings.LOGIN == "owner":
        return []
    return [Error(fault, id="rlhfhub.E005") for fault in rights.faults_of_walls()]


@register(Tags.database)
def nothing_is_foreign(databases: Sequence[str] | None = None, **_: Any) -> Sequence[CheckMessage]:
    """No object belongs to an unknown role, as after some restores: `migrate` would end in a traceback."""
    if not databases or "default" not in databases:
        return []
    return [
        Error(str(stray), hint=owners.MENDED_BY, id="rlhfhub.E007") for stray in rights.foreign()
    ]


@register(Tags.database)
def database_is_of_this_version(
    databases: Sequence[str] | None = None, **_: Any
) -> Sequence[CheckMessage]:
    """Every migration the database has is one of this version's: `migrate` would end in a traceback otherwise."""
    if not databases or "default" not in databases or settings.LOGIN != "owner":
        return []
    # The owner may not read the table of migrations while somebody else owns it; E007 reports that.
    if any(rights.foreign()):
        return []
    loader = MigrationLoader(connection)
    unknown = sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in loader.migrated_apps and (app, name) not in loader.disk_migrations
    )
    if not unknown:
        return []
    words = f"another version of RLHFHub made this database: it has {', '.join(unknown)}"
    hint = "Start that version, or begin with an empty database (RESET=1 make demo removes the old one)."
    return [Error(words, hint=hint, id="rlhfhub.E008")]
