"""Telling people: once for each cause, in each plane, many in one statement; and reading one's own."""

import uuid
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Value
from django.db.models.functions import JSONObject

from projects.enrollment.models import Enrollment
from projects.enrollment.notices import CHANGED as KIND
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.notices import selectors, services
from rlhfhub.notices.models import Preference
from rlhfhub.notices.topics import How, Topic
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.planes import Plane
from tests import people
from tests.factories import Tenant
from tests.notices.told import DATA, kinds_told, notices
from tests.notices.told import tell as _tell


@pytest.fixture
def user(database: None) -> User:
    return people.make_user()


def tell(tenant: Tenant, user: User, cause: object = 1, kind: str = KIND, **data: Any) -> None:
    _tell(tenant, user, cause, kind, **data)


def own(user: User, **which: Any) -> list[selectors.OwnNotice]:
    with planes.at_door():
        return selectors.notices_of(user.pk, most=50, **which)


def test_the_same_fact_told_twice_is_one_notice(workspace_a: Tenant, user: User) -> None:
    other = people.make_user()
    for told in (user, user, other):
        tell(workspace_a, told, "one")
    tell(workspace_a, user, "another")
    assert [notice.cause for notice in notices(user)] == [f"{KIND}:one", f"{KIND}:another"]
    assert len(notices(other)) == 1


@pytest.mark.parametrize("plane", [Plane.WORKSPACE, Plane.ANNOTATOR, Plane.SYSTEM])
def test_each_plane_tells(workspace_a: Tenant, user: User, plane: Plane) -> None:
    with planes.entered(plane, workspace=workspace_a.pk, person=uuid.uuid4()):
        services.tell(person_id=user.pk, workspace_id=workspace_a.pk, kind=KIND, cause=1, data=DATA)
    assert kinds_told(user) == [KIND]


def test_a_notice_is_gone_if_its_fact_is_rolled_back(workspace_a: Tenant, user: User) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell(workspace_a, user)
        _ = 1 / 0
    assert notices(user) == []


def test_many_are_told_in_one_statement(project: Project, queries: Any) -> None:
    annotators = [people.make_annotator(project).user for _ in range(3)]
    with planes.in_workspace(project.workspace_id), queries() as sent:
        services.tell_all(
            people=Enrollment.objects.filter(project=project).values_list(
                "annotator_id", JSONObject(enrollment_id=F("pk"), number=Value(5))
            ),
            workspace_id=project.workspace_id,
            kind=KIND,
            cause="all",
            data={**DATA, "project": "To all"},
        )
    assert len(sent) == 1, str(sent)
    for annotator in annotators:
        (notice,) = [one for one in notices(annotator) if one.cause == f"{KIND}:all"]
        with planes.in_workspace(project.workspace_id):
            mine = Enrollment.objects.get(project=project, annotator=annotator)
        assert notice.data == {
            **DATA, "project": "To all", "enrollment_id": str(mine.pk), "number": 5,
        }  # fmt: skip


def test_an_unknown_kind_is_an_error(workspace_a: Tenant, user: User) -> None:
    with pytest.raises(KeyError):
        tell(workspace_a, user, kind="nobody.registered")


def test_a_person_reads_their_own_newest_first(
    workspace_a: Tenant, workspace_b: Tenant, user: User
) -> None:
    tell(workspace_a, user, 1, project="Letters")
    tell(workspace_b, user, 2)
    tell(workspace_a, people.make_user(), 3)
    second, first = own(user)
    assert first.words.title == "New guidelines for Letters"
    assert (first.workspace, second.workspace) == (
        workspace_a.workspace.name,
        workspace_b.workspace.name,
    )
    assert own(user, before=second.id) == [first]
    assert own(user, topic="alerts") == []
    assert own(user, topic="guidelines") == [second, first]


def test_reading_marks_ones_own_only(workspace_a: Tenant, workspace_b: Tenant, user: User) -> None:
    other = people.make_user()
    for cause in range(4):
        tell(workspace_a, user, cause)
        tell(workspace_a, other, cause)
    mine, theirs = notices(user), notices(other)
    with planes.at_door():
        assert selectors.unread_of(user.pk) == 4
        ids = [mine[3].pk, theirs[0].pk, uuid.uuid4()]
        assert services.read(person_id=user.pk, notice_ids=ids) == 1
        assert services.read(person_id=user.pk, notice_ids=ids) == 0
        foreign = workspace_b.pk
        assert (
            services.read_until(person_id=user.pk, notice_id=mine[1].pk, workspace_id=foreign) == 0
        )
        assert services.read_until(person_id=user.pk, notice_id=mine[1].pk) == 2
        assert selectors.unread_of(user.pk) == 1
        assert selectors.unread_of(other.pk) == 4
    assert [notice.read_at is None for notice in notices(user)] == [False, False, True, False]
    assert [one.id for one in own(user, is_unread=True)] == [mine[2].pk]


def test_a_read_notice_needs_no_mail(workspace_a: Tenant, user: User) -> None:
    tell(workspace_a, user)
    (notice,) = notices(user)
    assert notice.mail_due_at
    with planes.at_door():
        services.read(person_id=user.pk, notice_ids=[notice.pk])
    assert notices(user)[0].mail_due_at is None


def test_thousands_are_counted_to_a_hundred(workspace_a: Tenant, user: User) -> None:
    for cause in range(120):
        tell(workspace_a, user, cause)
    with planes.at_door():
        assert selectors.unread_of(user.pk) == selectors.UNREAD_AT_MOST + 1


def test_each_topic_has_a_default_until_the_person_chooses(user: User) -> None:
    with planes.at_door():
        before = {choice.topic: choice.how for choice in selectors.choices_of(user.pk)}
        services.prefer(person_id=user.pk, topic="alerts", how="daily")
        services.prefer(person_id=user.pk, topic="alerts", how="off")
        after = {choice.topic: choice.how for choice in selectors.choices_of(user.pk)}
    assert before == {
        Topic.DECISIONS: How.AT_ONCE,
        Topic.APPEALS: How.AT_ONCE,
        Topic.ROUNDS: How.AT_ONCE,
        Topic.GUIDELINES: How.DAILY,
        Topic.ALERTS: How.AT_ONCE,
        Topic.PROJECTS: How.DAILY,
        Topic.PAYOUTS: How.AT_ONCE,
    }
    assert after == before | {Topic.ALERTS: How.OFF}


@pytest.mark.parametrize(
    ("topic", "how", "field"),
    [("decisions", "off", "how"), ("alerts", "sometimes", "how"), ("weather", "daily", "topic")],
)
def test_a_wrong_choice_is_refused(user: User, topic: str, how: str, field: str) -> None:
    with planes.at_door(), pytest.raises(Refused) as refused:
        services.prefer(person_id=user.pk, topic=topic, how=how)
    assert refused.value.errors[0]["field"] == field


def test_the_database_keeps_mails_about_decisions(user: User) -> None:
    with (
        pytest.raises(IntegrityError, match="preference_always_mailed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT door_prefer_mails(%s, 'decisions', 'off')", [user.pk])
    assert not Preference.objects.exists()
