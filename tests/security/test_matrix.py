"""Wall 4: every URL as everybody, for what is one's own, another's and missing. Foreign ≡ missing, to the byte.

Once as it is, once with the ORM's filter taken away: then row-level security alone holds, under the real login.
"""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django_scopes import scopes_disabled

from rlhfhub.tenancy import planes
from rlhfhub.tenancy.staff import site
from rlhfhub.tenancy.stated import STATED
from tests import identities, routes
from tests.identities import BROWSERS, EVERYBODY, KEY, KEYS
from tests.row import Row
from tests.security.conftest import unfiltered
from tests.security.walk import (
    FOREIGN,
    MISSING,
    MIXED,
    NEIGHBOURS,
    NOWHERE,
    OWN,
    STOLEN,
    Walker,
    has_ids,
)
from tests.security.world import World
from tests.urls import parameters, urls


def differences(
    walker: Walker, rows: tuple[Row, ...], expected: Any, targets: tuple[str, ...]
) -> list[str]:
    """Where an answer is not the one the matrix states."""
    faults = []
    for row in rows:
        for target in targets:
            if target in (FOREIGN, MISSING, NEIGHBOURS) and not has_ids(row):
                continue
            if target == MIXED and "lease_id" not in parameters(row.name):
                continue
            for who in EVERYBODY:
                wanted = expected(row, who, target)
                status = walker.ask(who, row, target).status if wanted else None
                if status != wanted:
                    faults.append(f"{row} as {who} for {target}: {status}, not {wanted}")
    return faults


DESK_TARGETS = (OWN, FOREIGN, MISSING, NEIGHBOURS, MIXED)


def a_members_page(row: Row, who: str, target: str) -> int:
    if who not in BROWSERS:
        return 302
    own = row.own.get(who, 404)
    if target == OWN:
        return own
    return 403 if own == 403 and row.role_first and target in (FOREIGN, MISSING) else 404


@pytest.mark.slow
def test_members_pages(walker: Walker) -> None:
    targets = (OWN, FOREIGN, MISSING, STOLEN, NOWHERE)
    assert differences(walker, routes.MEMBER_PAGES, a_members_page, targets) == []


def a_desk_page(row: Row, who: str, target: str) -> int:
    if who not in BROWSERS:
        return 302
    return row.own.get(who, 404) if target == OWN else 404


@pytest.mark.slow
def test_desk_pages(walker: Walker) -> None:
    assert differences(walker, routes.DESK_PAGES, a_desk_page, DESK_TARGETS) == []


def a_workspaces_url(row: Row, who: str, target: str) -> int | None:
    if who not in KEYS or who == identities.REVOKED:
        return 401
    if who == identities.TOKEN or (who == identities.READER and row.scope != "read"):
        return 403
    if who == identities.OTHER_KEY:
        return _other_workspaces_key(row, target)
    return row.own[KEY] if target == OWN else 404


def _other_workspaces_key(row: Row, target: str) -> int | None:
    if target == FOREIGN:
        return None  # its own
    if has_ids(row) or row.name == "api_accept_many":
        return 404
    return row.own[KEY]


@pytest.mark.slow
def test_workspace_api(walker: Walker) -> None:
    assert (
        differences(walker, routes.WORKSPACE_API, a_workspaces_url, (OWN, FOREIGN, MISSING)) == []
    )


def a_desks_url(row: Row, who: str, target: str) -> int:
    if who not in KEYS or who == identities.REVOKED:
        return 401
    if who != identities.TOKEN:
        return 403
    return row.own[who] if target == OWN else 404


def test_desk_api(walker: Walker) -> None:
    assert differences(walker, routes.DESK_API, a_desks_url, DESK_TARGETS) == []


def a_stated_one(row: Row, who: str, target: str) -> int:
    return row.own.get(who, 302)


@pytest.mark.slow
def test_pages_of_ones_own(walker: Walker) -> None:
    assert differences(walker, routes.SIGNED_IN_PAGES, a_stated_one, (OWN,)) == []


@pytest.mark.slow
def test_pages_for_everybody(walker: Walker) -> None:
    assert differences(walker, routes.OPEN_TO_ALL, a_stated_one, (OWN,)) == []


@pytest.mark.slow
def test_accounts_pages(walker: Walker) -> None:
    assert differences(walker, routes.ACCOUNT_PAGES, a_stated_one, (OWN,)) == []


WITH_IDS = {
    "pages of members": routes.MEMBER_PAGES,
    "REST of the desk": routes.DESK_API,
    "REST of a workspace": routes.WORKSPACE_API,
    "pages of the desk": routes.DESK_PAGES,
}


@pytest.mark.parametrize("group", WITH_IDS)
@pytest.mark.slow
def test_foreign_is_as_missing(walker: Walker, group: str) -> None:
    """Status, headers and body are equal for everybody, also between another workspace's slug and a missing one."""
    faults, compared = [], 0
    for row in WITH_IDS[group]:
        pairs = [(FOREIGN, MISSING)] if has_ids(row) else []
        if row in routes.MEMBER_PAGES:
            pairs.append((STOLEN, NOWHERE))
        for foreign, missing in pairs:
            for who in EVERYBODY:
                compared += 1
                if who != identities.OTHER_KEY and walker.ask(who, row, foreign) != walker.ask(
                    who, row, missing
                ):
                    faults.append(f"{row} as {who}: {foreign} differs from {missing}")
    assert faults == []
    assert compared >= 4 * len(EVERYBODY)


@pytest.mark.slow
def test_the_matrix_bites(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without both walls, the manager's and the database's, foreign objects answer, and the matrix reports it."""
    walker = Walker(world)
    monkeypatch.setattr(planes, "scope", unfiltered)
    read = tuple(row for row in routes.WORKSPACE_API if row.method == "GET" and has_ids(row))
    with transaction.atomic():
        assert differences(walker, read, a_workspaces_url, (FOREIGN,)) == []
        with connection.cursor() as cursor:
            for table in STATED.walls:
                cursor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        found = differences(walker, read, a_workspaces_url, (FOREIGN,))
        transaction.set_rollback(True)
    bitten = {fault.partition(" as ")[0] for fault in found if "as key for" in fault}
    # The function that says whether an annotator can be recalibrated knows none of another workspace.
    assert {str(row) for row in read} - bitten == {"GET api_alert"}
    assert bitten <= {str(row) for row in read}


def admin_paths(world: World, subjects: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """(path, what staff get) of every URL of the staff's site."""
    for route, name in urls():
        if not route.startswith("admin/"):
            continue
        ending = next((e for e in routes.ADMIN_BY_ENDING if name and name.endswith(e)), None)
        if name in routes.ADMIN_BY_NAME:
            yield _named(name), routes.ADMIN_BY_NAME[name]
        elif ending in ("_changelist", "_add"):
            yield reverse(f"admin:{name}"), routes.ADMIN_BY_ENDING[ending]
        elif ending:
            subject = subjects.get(str(name).removesuffix(ending))
            yield (
                reverse(f"admin:{name}", args=[subject or uuid.uuid4()]),
                routes.ADMIN_BY_ENDING[ending] if subject else 302,
            )
        else:
            yield "/admin/no-such-thing/", 404


def _named(name: str) -> str:
    arguments = {"view_on_site": [1, uuid.uuid4()], "app_list": ["projects_plan"]}
    return reverse(f"admin:{name}", args=arguments.get(name, []))


def _subjects(world: World) -> dict[str, Any]:
    """Return the id of a row of A for each model on the staff's site."""
    found = {}
    with scopes_disabled():
        for model in site._registry:
            rows = model._default_manager.all()
            if any(field.name == "workspace" for field in model._meta.fields):
                rows = rows.filter(workspace_id=world.a.pk)
            found[model._meta.label_lower.replace(".", "_")] = rows.values_list(
                "pk", flat=True
            ).first()
    return found


@pytest.mark.slow
def test_staffs_site_is_staffs(world: World, request: pytest.FixtureRequest) -> None:
    """Only staff can open the staff's site, and they can read but not change."""
    walker = Walker(world)
    request.getfixturevalue("as_the_site")
    with planes.entered(planes.Plane.STAFF):
        subjects = _subjects(world)
    faults, asked = [], 0
    for path, staff in admin_paths(world, subjects):
        for who in EVERYBODY:
            with transaction.atomic():
                response = walker.clients[who].get(path)
                transaction.set_rollback(True)
            # Signed-in users who are not staff get 403, not the sign-in page again.
            others = 403 if path == "/admin/login/" and who in BROWSERS else 302
            wanted = staff if who == identities.STAFF else others
            asked += 1
            if response.status_code != wanted:
                faults.append(f"{path} as {who}: {response.status_code}, not {wanted}")
    assert faults == []
    assert asked > 500
