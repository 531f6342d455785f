"""All decisions about time use the database's clock, so a process whose clock is wrong does no harm."""

import ast
import os
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from projects.exports import engine, storage, sweep
from projects.exports import services as exports
from projects.exports.models import Export
from projects.items import uploads
from projects.plan.models import Project
from projects.work.models import Lease
from projects.work.tasks import expire_leases
from rlhfhub.api.models import IdempotencyKey
from rlhfhub.api.tasks import forget_keys
from rlhfhub.events import dispatch
from rlhfhub.events.models import Delivery
from rlhfhub.ground.clock import files_now
from rlhfhub.members.forms import KeyForm
from rlhfhub.tenancy import clock, planes, selectors, services
from rlhfhub.tenancy.models import ApiKey, AuditEntry, Invitation
from tests.factories import Tenant
from tests.people import Annotator

ROOT = Path(__file__).parents[1]
READ_BY_PEOPLE = "shows people what was done today or lately; decides nothing"
# The files in which a process may use its own clock, with the reason.
IN_THE_CACHE = "limits are counted in the cache, where the database has no say; a second more or less loses nothing"
OWN_CLOCK = {
    "rlhfhub/ground/ids.py": "an id's time orders lists; what is judged by it stands an hour off (events/debts.py)",
    "rlhfhub/web/request_log.py": "a log line has the time of the machine that wrote it",
    "projects/overview/workspace.py": READ_BY_PEOPLE,
    "projects/quality/panels.py": READ_BY_PEOPLE,
    "projects/work/selectors.py": READ_BY_PEOPLE,
    "billing/accruals/selectors.py": READ_BY_PEOPLE,
    "billing/stripe/inbound.py": "a signature's time is checked, within minutes, before the database is asked anything",
    "rlhfhub/api/throttles.py": IN_THE_CACHE,
    "rlhfhub/tenancy/guesses.py": IN_THE_CACHE,
}
# Durations (time.monotonic, time.perf_counter) are no times of day and may be measured anywhere.
CLOCKS = {
    "timezone": {"now", "localtime", "localdate"},
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime"},
}
BARE = {"auto_now", "auto_now_add"}
AHEAD = timedelta(minutes=31)


def _asks_own_clock(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = getattr(owner, "id", None) or getattr(owner, "attr", None)
            if node.attr in CLOCKS.get(str(name), ()):
                yield node.lineno
        elif isinstance(node, ast.keyword) and node.arg in BARE:
            yield node.value.lineno
        elif isinstance(node, ast.ImportFrom) and node.module in {"time", "django.utils.timezone"}:
            names = {alias.name for alias in node.names}
            if names & (CLOCKS["time"] | CLOCKS["timezone"]):
                yield node.lineno


def _sources() -> Iterator[Path]:
    for domain in ("rlhfhub", "annotators", "projects", "billing"):
        for path in sorted((ROOT / domain).rglob("*.py")):
            # Development's tools run on one machine; released migrations do not change.
            if not {"migrations", "devtools"} & set(path.relative_to(ROOT).parts):
                yield path


def test_no_other_place_asks_its_own_clock() -> None:
    found = {
        str(path.relative_to(ROOT)): lines
        for path in _sources()
        if (lines := list(_asks_own_clock(ast.parse(path.read_text()))))
    }
    assert {name: lines for name, lines in found.items() if name not in OWN_CLOCK} == {}
    assert OWN_CLOCK.keys() <= found.keys(), "these ask it no more"


@pytest.mark.parametrize(
    "line",
    [
        "at = timezone.now()",
        "default=timezone.now",
        "at = datetime.now(UTC)",
        "at = datetime.datetime.now()",
        "at = time.time()",
        "at = DateTimeField(auto_now_add=True)",
        "from django.utils.timezone import now",
        "from time import time",
        "day = date.today()",
    ],
)
def test_each_way_of_asking_is_seen(line: str) -> None:
    source = f"field({line})" if line.startswith("default") else line
    assert list(_asks_own_clock(ast.parse(source)))


@pytest.fixture
def fast_clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`ahead(by)` sets the clock that Python code of this process sees ahead, by default by `AHEAD`."""
    now, seconds, nanoseconds = timezone.now, time.time, time.time_ns

    def begin(ahead: timedelta = AHEAD) -> None:
        monkeypatch.setattr(timezone, "now", lambda: now() + ahead)
        monkeypatch.setattr(time, "time", lambda: seconds() + ahead.total_seconds())
        monkeypatch.setattr(
            time, "time_ns", lambda: nanoseconds() + int(ahead.total_seconds()) * 10**9
        )

    return begin


def near(moment: datetime | None) -> bool:
    return moment is not None and abs(moment - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_worker_whose_clock_is_ahead_ends_no_live_lease(
    batch: Any, annotators: list[Annotator], fast_clock: Any
) -> None:
    ada = annotators[0]
    lease = ada.lease()
    assert lease
    assert lease["seconds_left"] <= AHEAD.total_seconds() - settings.LEASE_GRACE_SECONDS
    fast_clock()
    expire_leases()
    with planes.as_system():
        assert Lease.objects.get(pk=lease["id"]).ended_at is None
    assert ada.submit(lease).status_code == 201


def test_a_worker_whose_clock_is_ahead_tries_no_delivery_early(
    workspace_a: Tenant, fast_clock: Any
) -> None:
    with planes.as_system():
        row = Delivery.objects.create(
            workspace_id=workspace_a.pk,
            event_id=uuid.uuid4(),
            event_created_at=clock.now(),
            handler="none",
            next_at=clock.now() + timedelta(minutes=20),
        )
    fast_clock()
    assert dispatch.retry_once() == 0
    with planes.as_system():
        Delivery.objects.filter(pk=row.pk).update(next_at=clock.now())
    assert dispatch.retry_once() == 1
    with planes.as_system():
        row.refresh_from_db()
    assert near(row.next_at)


def test_a_worker_whose_clock_is_ahead_forgets_no_idempotency_key(
    workspace_a: Tenant, fast_clock: Any
) -> None:
    with planes.in_workspace(workspace_a.pk):
        IdempotencyKey.objects.create(
            workspace_id=workspace_a.pk,
            actor_id=uuid.uuid4(),
            route="/",
            key="k",
            body_sha256="0" * 64,
        )
    fast_clock(timedelta(days=8))
    forget_keys()
    with planes.as_system():
        assert near(IdempotencyKey.objects.get().created_at)


def test_a_worker_whose_clock_is_ahead_takes_no_export_from_another(
    workspace_a: Tenant, project: Project, fast_clock: Any
) -> None:
    with planes.in_workspace(workspace_a.pk):
        export = exports.request(project=project, actor_id=None)
        Export.objects.filter(pk=export.pk).update(
            state=Export.State.STREAMING, beat_at=clock.now(), attempts=1
        )
    fast_clock()
    with planes.as_system():
        assert engine.waiting() == []


def test_a_worker_whose_clock_is_ahead_removes_no_file_in_use(fast_clock: Any) -> None:
    attempt = storage.root() / str(uuid.uuid4()) / str(uuid.uuid4()) / uuid.uuid4().hex
    attempt.mkdir(parents=True)
    with uploads.folder() as upload:
        fast_clock(timedelta(days=2))
        assert storage.idle_attempts(attempt.parent, seconds=sweep.IDLE_SECONDS) == []
        with uploads.folder():
            assert upload.is_dir()


def test_files_are_judged_by_the_clock_that_stamped_them(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert abs((tmp_path / "file").stat().st_mtime - files_now(tmp_path)) < 5
    assert os.listdir(tmp_path) == ["file"]


def test_rows_are_stamped_by_the_database(workspace_a: Tenant, fast_clock: Any) -> None:
    """Made, invited, expiring, revoked and audited by a process whose clock is ahead."""
    fast_clock()
    with planes.in_workspace(workspace_a.pk):
        invitation, _ = services.invite(
            workspace=workspace_a.workspace,
            email="new@example.org",
            role="viewer",
            by=workspace_a.owner,
        )
        assert near(invitation.expires_at - timedelta(days=services.INVITATION_DAYS))
        assert [one.pk for one in selectors.open_invitations()] == [invitation.pk]
        services.revoke_invitation(invitation=invitation, by=workspace_a.owner)
        invitation = Invitation.objects.get()
        assert near(invitation.created_at)
        assert near(invitation.revoked_at)
        form = KeyForm({"name": "n", "scopes": ["read"], "days": "30"})
        assert form.is_valid()
        until = form.expires_at()
        assert until
        assert near(until - timedelta(days=30))
        key, _ = services.create_key(
            workspace_id=workspace_a.pk,
            name="soon",
            scopes=["read"],
            by_id=workspace_a.owner.pk,
            expires_at=clock.now() + timedelta(minutes=20),
        )
        assert selectors.keys().get(pk=key.pk).state == "working"
        services.revoke_key(key=key, by=workspace_a.owner)
        key = ApiKey.objects.get(pk=key.pk)
        assert near(key.created_at)
        assert near(key.revoked_at)
        assert all(near(entry.at) for entry in AuditEntry.objects.all())


@pytest.mark.parametrize(
    "table", ["rlhfhub_tenancy_user", "projects_items_item", "projects_plan_form"]
)
def test_a_row_made_without_a_time_has_the_databases(db: None, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_default FROM information_schema.columns "
            "WHERE table_name = %s AND column_name IN ('created_at', 'date_joined')",
            [table],
        )
        assert cursor.fetchall() == [("statement_timestamp()",)]
