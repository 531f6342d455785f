"""Accounts that staff linked as one person's never share an item, and neither decides on the other's work."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection

from projects.review.services import accepting
from projects.work.models import Annotation, Lease
from rlhfhub import invariants
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import AccountPair
from rlhfhub.tenancy.planes import Plane
from tests import people
from tests.factories import Tenant, make_batch, make_project
from tests.linked import decide_pair, link, share_a_device
from tests.people import Annotator
from tests.rejections import rejected
from tests.review.own import answer_of, send_back


@pytest.fixture
def pair(workspace_a: Tenant) -> tuple[Annotator, Annotator]:
    """Two annotators of a project in which each of three items is asked of two."""
    project = make_project(workspace_a, overlap=2)
    make_batch(project, 3)
    return people.make_annotator(project, "Ada"), people.make_annotator(project, "Ada again")


def items_of(one: Annotator) -> list[str]:
    with planes.in_workspace(one.enrollment.workspace_id):
        leases = Lease.objects.filter(annotator_id=one.user.pk)
        return [str(pk) for pk in leases.values_list("item_id", flat=True)]


def test_linked_accounts_share_no_item_from_then_on(pair: tuple[Annotator, Annotator]) -> None:
    ada, again = pair
    answer_of(ada)
    answer_of(again)
    assert items_of(ada) == items_of(again), "not linked yet: both may"
    link(ada.user, again.user)
    answer_of(ada)
    assert ada.lease(), "the third item is held"
    assert again.lease() is None
    assert len(set(items_of(ada))) == 3 and len(items_of(again)) == 1
    assert [found for found in invariants.verify() if not found.holds] == []
    decide_pair(ada.user, again.user, linked=False)
    with connection.cursor() as cursor:  # a queue is searched from its start once a minute
        cursor.execute("UPDATE projects_work_cursor SET wrapped_at = NULL")
    assert again.lease(), "dismissed: the second slot of an item is theirs again"


def test_a_pair_is_evidence_and_nothing_more(pair: tuple[Annotator, Annotator]) -> None:
    ada, again = pair
    share_a_device(ada.user, again.user)
    share_a_device(again.user, ada.user)
    assert AccountPair.objects.get().state == "open"
    answer_of(ada)
    answer_of(again)
    assert items_of(ada) == items_of(again)


@pytest.mark.parametrize("plane", [Plane.DOOR, Plane.WORKSPACE, Plane.ANNOTATOR, Plane.SYSTEM])
def test_only_staff_link(pair: tuple[Annotator, Annotator], plane: Plane) -> None:
    share_a_device(*(one.user for one in pair))
    statement = (
        "UPDATE rlhfhub_tenancy_accountpair SET state = 'linked', note = 'one and the same', "
        "decided_by_id = %s, decided_at = clock_timestamp()"
    )
    person = pair[0].user.pk
    for where, name in ((plane, person), (Plane.STAFF, pair[1].user.pk)):  # in another's name
        with (
            pytest.raises(DatabaseError),
            planes.entered(where, person=person),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [name])
    assert AccountPair.objects.get().state == "open"


def test_no_linked_account_decides_on_the_others_work(
    pair: tuple[Annotator, Annotator], workspace_a: Tenant
) -> None:
    ada, again = pair
    answers = [answer_of(ada) for _ in range(3)]
    link(ada.user, workspace_a.owner)
    acts: list[Callable[[], object]] = [
        lambda: rejected(answers[0], workspace_a),
        lambda: send_back(answers[1], workspace_a),
        lambda: _accept(answers[2], workspace_a),
    ]
    for act in acts:
        with pytest.raises(Refused, match="linked your account"):
            act()
    refused = workspace_a.client.post(f"/api/v1/annotations/{answers[0]}/accept/")
    assert (refused.status_code, refused.json()["code"]) == (409, "own_work")
    with planes.in_workspace(workspace_a.pk):
        item = Annotation.objects.get(pk=answers[0]).item_id
    final = {"answer": {"preference": {"choice": "0"}}, "note": "Rule R1 decides it.", "seen": 0}
    refused = workspace_a.client.post(f"/api/v1/items/{item}/adjudications/", final)
    assert (refused.status_code, refused.json()["code"]) == (409, "own_work")
    rejected(answer_of(again), workspace_a)


def _accept(answer: object, tenant: Tenant) -> None:
    with planes.in_workspace(tenant.pk, tenant.owner.pk):
        accepting.accept(annotation_ids=[answer], reviewer_id=tenant.owner.pk)
