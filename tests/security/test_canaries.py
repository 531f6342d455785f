"""No byte of another tenant: every text of workspace B is marked, and nothing that anybody of A gets bears the mark.

The same for the desk: what an annotator gets tells neither models, nor stored order, nor others' answers.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator

import psycopg
import pytest
from django.db import transaction

from rlhfhub.tenancy.stated import STATED
from tests import identities, routes
from tests.people import LEASE_FIELDS
from tests.row import Row
from tests.security.walk import FOREIGN, OWN, Walker, has_ids
from tests.security.world import MODELS, World

OF_A = (
    identities.OWNER,
    identities.VIEWER,
    identities.ANNOTATOR,
    identities.TOKEN,
    identities.KEY,
    identities.READER,
)
AT_THE_DESK = (identities.ANNOTATOR, identities.TOKEN)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


Seen = tuple[Row, str, str]


@pytest.fixture
def walker(world: World, owner: psycopg.Connection, request: pytest.FixtureRequest) -> Walker:
    """Send requests while Django uses the site's real login; `owner` has connected before."""
    ready = Walker(world)
    request.getfixturevalue("as_the_site")
    return ready


def everything(walker: Walker, people: tuple[str, ...]) -> Iterator[Seen]:
    """(row, who, text) of every answer to these people's requests, own and others' targets, archives unpacked."""
    for row in routes.ROWS:
        for target in (OWN, FOREIGN) if has_ids(row) else (OWN,):
            for who in people:
                answer = walker.ask(who, row, target, as_it_came=True)
                headers = " ".join(answer.headers.values())
                # Of what was asked for, the ids come back in redirects; they are no news.
                text = _text(answer.body) + headers
                for used in walker.path(row, target)[1]:
                    text = text.replace(used, "")
                yield row, who, text


def _text(body: bytes) -> str:
    if not body.startswith(b"PK\x03\x04"):
        return body.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return " ".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


def ids_of(owner: psycopg.Connection, world: World) -> set[str]:
    """Every key of a row of B."""
    found: set[str] = set()
    for table in STATED.walls:
        columns = owner.execute(f"SELECT * FROM {table} LIMIT 0").description or ()
        if {"id", "workspace_id"} <= {column.name for column in columns}:
            rows = owner.execute(f"SELECT id FROM {table} WHERE workspace_id = %s", [world.b.pk])
            found |= {str(row[0]) for row in rows}
    return found | {str(world.b.pk)}


@pytest.mark.slow
def test_nothing_of_another_tenant(walker: Walker, world: World, owner: psycopg.Connection) -> None:
    theirs = ids_of(owner, world)
    assert len(theirs) > 100
    b = world.b
    # The market offers B's projects to annotators who are not in them: names, the workspace's name, prices.
    offered = {str(b.project.pk), b.project.name, b.tenant.workspace.name}
    offered |= {str(b.asking), f"{b.mark} asking"}
    faults, asked = [], 0
    for row, who, text in everything(walker, OF_A):
        for known in offered if row.name == "work_home" else ():
            text = text.replace(known, "")
        asked += 1
        if b.mark in text or theirs & set(_UUID.findall(text)):
            faults.append(f"{row} as {who}")
    assert faults == []
    assert asked > 700


@pytest.mark.slow
def test_the_marks_are_there_for_their_own(walker: Walker, world: World) -> None:
    """Each secret is shown to somebody who may see it: otherwise its absence elsewhere would prove nothing."""
    a = world.a
    text = " ".join(text for _, _, text in everything(walker, (identities.OWNER, identities.KEY)))
    for secret in (a.mark, *MODELS, "qzmetadata", "qzreason", "qzunpublished", f"{a.mark} item 1"):
        assert secret in text, secret
    desk = " ".join(text for _, _, text in everything(walker, AT_THE_DESK))
    for known in (f"{a.mark} guidelines", f"{a.mark} question", f"{a.mark} context"):
        assert known in desk, known
    assert f"{a.mark} qzdraft of {a.person.user.name}" in desk


@pytest.mark.slow
def test_the_desk_tells_no_secret(walker: Walker, world: World, owner: psycopg.Connection) -> None:
    """Neither models, metadata, unpublished guidelines, others' answers, drafts and notes, nor anybody's address."""
    a = world.a
    others = [one.user for one in a.annotators[1:]] + [a.tenant.owner, a.viewer]
    secrets = [*MODELS, "qzmetadata", "qzunpublished", "qznote", f"{a.mark} item", f"{a.mark} tag"]
    secrets += [f"of {user.name}" for user in others] + [user.email for user in others]
    secrets += [str(user.pk) for user in others]
    secrets += [str(row.enrollment.pk) for row in a.annotators[1:]] + [
        lease["id"] for lease in a.leases[1:]
    ]
    secrets += [row.enrollment.pseudonym for row in a.annotators[1:]]
    # Items, slots and annotations have no name at the desk: it knows leases.
    for table in ("projects_items_item", "projects_work_slot", "projects_quality_tally"):
        rows = owner.execute(f"SELECT id FROM {table} WHERE workspace_id = %s", [a.pk])
        secrets += [str(row[0]) for row in rows]
    faults = [
        f"{row} as {who}: {secret}"
        for row, who, text in everything(walker, AT_THE_DESK)
        for secret in secrets
        if secret in text
    ]
    assert faults == []


def test_a_lease_has_these_fields_and_no_others(walker: Walker, world: World) -> None:
    """A lease has exactly these fields. Annotators see a new one before they answer: it must not bias them."""
    lease = world.a.leases[0]
    assert lease.keys() == LEASE_FIELDS
    for shown in lease["responses"]:
        assert shown.keys() == {"key", "messages"}
        for message in shown["messages"]:
            assert message.keys() == {"role", "content"}


def test_keys_and_order_tell_nothing(
    walker: Walker, world: World, owner: psycopg.Connection
) -> None:
    """Response keys are random per lease and no order is sent, so they do not reveal the stored position."""
    rows = owner.execute("SELECT keys, shown FROM projects_work_lease").fetchall()
    keys = [key for row in rows for key in row[0]]
    assert len(set(keys)) == len(keys)
    assert {len(key) for key in keys} == {8}
    assert {tuple(row[1]) for row in rows} == {(0, 1), (1, 0)}
    sorted_first = sum((row[0][0] < row[0][1]) == (row[1][0] == 0) for row in rows)
    assert 0 < sorted_first < len(rows)


def test_asking_for_a_lease_again_shows_the_same_order(walker: Walker, world: World) -> None:
    """Drawn once and stored: nothing is learnt by asking again."""
    row = routes.row_of("api_lease", "POST")
    with transaction.atomic():
        answers = [
            json.loads(walker.ask(identities.TOKEN, row, OWN, as_it_came=True).body)
            for _ in range(3)
        ]
        transaction.set_rollback(True)
    assert {json.dumps(answer["responses"]) for answer in answers} == {
        json.dumps(world.a.leases[0]["responses"])
    }
