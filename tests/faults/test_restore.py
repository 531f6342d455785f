"""A backup is made under load as README says, restored on a server that never saw the site, and worked on there."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from billing.ledger.models import Journal
from projects.exports import storage
from projects.exports.models import Export
from projects.work.models import Annotation
from rlhfhub import invariants
from rlhfhub.devtools import environment
from rlhfhub.devtools.servers import postgres
from rlhfhub.events import dispatch
from rlhfhub.tenancy import planes, rights
from rlhfhub.tenancy.owners import OF_THE_OWNER
from tests import databases, people
from tests.browser.site import _with_database
from tests.exports.made import accept_all, run_export
from tests.factories import make_batch, make_project, make_workspace
from tests.faults.backups import (
    BACK_UP,
    RESTORE,
    Backup,
    Elsewhere,
    Load,
    attempt,
    leading_to,
    walk,
)

pytestmark = [pytest.mark.concurrency, pytest.mark.slow]
ITEMS = 400


@pytest.fixture(scope="module")
def backup(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Backup]:
    """Made while four annotators lease and submit as the site's login."""
    before, settings.STORAGE_DIR = settings.STORAGE_DIR, tmp_path_factory.mktemp("storage")
    folder = tmp_path_factory.mktemp("backup")
    with django_db_blocker.unblock(), databases.copied() as name:
        tenant = make_workspace("Source")
        done = make_project(tenant, overlap=1)
        make_batch(done, 3)
        first = people.make_annotator(done, "First")
        while lease := first.lease():
            assert first.submit(lease).status_code == 201
        accept_all(tenant)
        dispatch.drain()
        finished = run_export(tenant, done)
        project = make_project(tenant, overlap=4)
        make_batch(project, ITEMS)
        annotators = [people.make_annotator(project, name) for name in ("A", "B", "C", "D")]
        owner_url = _with_database(settings.DATABASE_OWNER_URL, name)
        with databases.site_login(), Load(annotators) as load:
            load.wait_for(20)
            acknowledged = list(load.acknowledged)
            walk(
                BACK_UP,
                BACKUP=str(folder),
                DATABASE_OWNER_URL=owner_url,
                RLHFHUB_STORAGE=str(settings.STORAGE_DIR),
            )
            assert len(load.acknowledged) > len(acknowledged), "the work went on meanwhile"
            load.wait_for(5)
        yield Backup(folder, tenant, project, annotators, finished, acknowledged)
    settings.STORAGE_DIR = before


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Callable[[str], Elsewhere]]:
    """A server of its own, on which no role of ours exists before the first restore."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as state:
        Path(state).chmod(0o755)
        patch.setenv("RLHFHUB_STATE", state)
        cluster = postgres.start()
        admin_url = cluster.url(postgres.SUPERUSER, "postgres")
        with psycopg.connect(admin_url) as admin:
            roles = admin.execute("SELECT 1 FROM pg_roles WHERE rolname ~ '^rlhfhub'").fetchall()
        assert roles == []

        def place(name: str) -> Elsewhere:
            return Elsewhere(
                cluster.url(environment.OWNER, name),
                cluster.url(environment.SITE, name),
                admin_url,
                Path(state) / name,
            )

        yield place
        connections.close_all()
        postgres.stop()


@pytest.fixture
def _files(backup: Backup) -> None:
    """Storage is where each test says."""


def as_owner(place: Elsewhere) -> str:
    """The commands of README, unchanged."""
    return RESTORE


def as_superuser(place: Elsewhere) -> str:
    """Ownership as it was dumped."""
    url = place.owner_url.replace(environment.OWNER, postgres.SUPERUSER, 1)
    lines = RESTORE.replace("--no-owner ", "").replace("$DATABASE_OWNER_URL", url)
    assert lines.count(url) == 1
    return lines


def as_superuser_who_keeps_it(place: Elsewhere) -> str:
    """Everything is the superuser's, until `create_roles` gives it back."""
    url = place.owner_url.replace(environment.OWNER, postgres.SUPERUSER, 1)
    create_roles = RESTORE.partition("\n")[0]
    lines = RESTORE.replace("$DATABASE_OWNER_URL", url)
    migrate = "python manage.py migrate"
    refused = f"(! {migrate} 2>&1) | grep -q 'create_roles --admin-url'\n"
    refused += "(! python manage.py walls --apply 2>&1) | grep -q 'create_roles --admin-url'\n"
    return lines.replace(migrate, f"{refused}{create_roles}\n{migrate}", 1)


RESTORES = (as_owner, as_superuser, as_superuser_who_keeps_it)


@pytest.mark.parametrize("lines", RESTORES)
def test_what_is_restored_is_whole_and_goes_on_working(
    backup: Backup,
    elsewhere: Callable[[str], Elsewhere],
    lines: Callable[[Elsewhere], str],
    django_db_blocker: Any,
) -> None:
    place = elsewhere(f"test_{lines.__name__}")
    said = walk(lines(place), BACKUP=str(backup.folder), **place.variables)
    assert "The database's walls are as stated." in said
    assert "All hold." in said
    with psycopg.connect(place.owner_url) as owner:
        as_owner = {name for (name,) in owner.execute(_RUN_AS_OWNER)}
        assert as_owner == set(OF_THE_OWNER)
    with django_db_blocker.unblock():
        with leading_to(place.site_url, place.storage):
            goes_on(backup)
        with leading_to(place.owner_url, place.storage):
            assert [finding for finding in invariants.verify() if not finding.holds] == []


_RUN_AS_OWNER = """
    SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
    AND pg_get_userbyid(proowner) <> 'rlhfhub_keeper'
"""


def goes_on(backup: Backup) -> None:
    """Lease, submit, accept, dispatch and export, as the site's login and with the keys of before."""
    with planes.in_workspace(backup.tenant.pk):
        kept = {str(pk) for pk in Annotation.objects.values_list("pk", flat=True)}
        finished = Export.objects.get(pk=backup.finished.pk)
    assert set(backup.acknowledged) <= kept
    assert has_its_files(finished)
    for annotator in backup.annotators:
        for _ in range(3):
            lease = annotator.lease()
            assert lease
            assert annotator.submit(lease).status_code == 201
    accept_all(backup.tenant)
    dispatch.drain()
    with planes.as_system():
        accruals = Journal.objects.filter(kind="accrual").count()
    assert accruals == len(kept) + 3 * len(backup.annotators)
    export = run_export(backup.tenant, backup.project)
    assert export.state == Export.State.FINISHED, export.error
    assert has_its_files(export)


def has_its_files(export: Export) -> bool:
    """All that its manifest lists."""
    listed = [file.path for file in storage.files(export)]
    assert listed
    return all(storage.open_file(export, name) for name in listed)


def test_a_dump_is_never_a_part(backup: Backup, tmp_path: Path) -> None:
    """The site's login, whom policies bind, is refused; it gets no dump that lacks rows."""
    name = str(connections["default"].settings_dict["NAME"])
    done = attempt(
        BACK_UP,
        BACKUP=str(tmp_path),
        DATABASE_OWNER_URL=_with_database(settings.DATABASE_URL, name),
        RLHFHUB_STORAGE=str(tmp_path / "storage"),
    )
    assert done.returncode != 0
    assert "permission denied" in done.stdout


def test_roles_that_see_too_much_are_named_and_mended(
    elsewhere: Callable[[str], Elsewhere], django_db_blocker: Any
) -> None:
    """A dump does not contain roles, which belong to the server and may differ there."""
    place = elsewhere("test_roles")
    create_roles = RESTORE.partition("\n")[0]
    walk(create_roles, **place.variables)
    with psycopg.connect(place.admin_url, autocommit=True) as admin:
        admin.execute("ALTER ROLE rlhfhub_keeper BYPASSRLS")
        admin.execute("ALTER ROLE rlhfhub_workspace LOGIN")
    with django_db_blocker.unblock(), leading_to(place.owner_url, place.storage):
        assert list(rights.role_faults()) == [
            "rlhfhub_keeper bypasses row-level security (manage.py create_roles)",
            "rlhfhub_workspace may log in (manage.py create_roles)",
        ]
        walk(create_roles, **place.variables)
        assert list(rights.role_faults()) == []
