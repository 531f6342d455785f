"""An annotator who acts twice at once on a decision, or at the same moment as the clock: one effect."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from projects.review.models import Appeal, Decision, Return
from projects.review.services import appeals, returning
from projects.work.models import Annotation, AnnotationHistory
from rlhfhub.events import dispatch
from rlhfhub.tenancy import planes
from tests.concurrency.conftest import Race
from tests.concurrency.races import at_once
from tests.rejections import pass_days, rejected
from tests.review.own import answer_of, send_back

pytestmark = pytest.mark.concurrency
API = "/api/v1/desk/annotations"


def answered(race: Race) -> uuid.UUID:
    race.batch(1)
    return answer_of(race.annotators[0])


def in_a_moment(as_owner: Any, table: str, column: str) -> None:
    """Let this time be over in a fifth of a second."""
    as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    as_owner(f"UPDATE {table} SET {column} = clock_timestamp() + interval '0.2 s'")
    as_owner(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def until_due(lapse: Callable[[], int]) -> int:
    """Let the clock end what is due, again and again for a second."""
    done, begun = 0, time.monotonic()
    while time.monotonic() < begun + 1:
        with planes.as_system():
            done += lapse()
    return done


def test_two_tabs_revise_with_different_answers(race: Race, site: None) -> None:
    answer = answered(race)
    send_back(answer, race.tenant)
    ada = race.annotators[0]
    keys = [one["key"] for one in ada.client.get(f"{API}/{answer}/").json()["responses"]]

    def revise(key: str) -> int:
        body = {"answer": {"preference": {"choice": key}, "reason": key}}
        return int(ada.client.post(f"{API}/{answer}/revise/", body).status_code)

    assert sorted(at_once(*[lambda k=key: revise(k) for key in keys])) == [200, 409]
    with planes.in_workspace(race.tenant.pk):
        assert AnnotationHistory.objects.filter(annotation=answer).count() == 1
        assert Annotation.objects.get(pk=answer).answer["reason"] in keys


def test_appeals_at_once_are_one(race: Race, site: None) -> None:
    answer = answered(race)
    rejected(answer, race.tenant)
    ada = race.annotators[0]

    def appeal(words: str) -> int:
        body = {"statement": f"I followed the rule, {words}."}
        return int(ada.client.post(f"{API}/{answer}/appeal/", body).status_code)

    found = at_once(*[lambda w=words: appeal(w) for words in ("as asked", "in full", "in part")])
    assert sorted(found) == [201, 409, 409]
    with planes.in_workspace(race.tenant.pk):
        assert Appeal.objects.count() == 1


def test_a_revision_and_the_clock(race: Race, site: None, as_owner: Any) -> None:
    """Either the revision is in time or the first answer stands; never both, and it is submitted again."""
    answer = answered(race)
    send_back(answer, race.tenant)
    ada = race.annotators[0]
    draft = ada.client.get(f"{API}/{answer}/").json()["draft"]
    in_a_moment(as_owner, "projects_review_return", "revise_by")

    def revise() -> int:
        body = {"answer": draft | {"reason": "Revised."}}
        return int(ada.client.post(f"{API}/{answer}/revise/", body).status_code)

    statuses = at_once(lambda: until_due(returning.lapse_due), revise, revise, revise)[1:]
    dispatch.drain()
    with planes.in_workspace(race.tenant.pk):
        row, back = Annotation.objects.get(pk=answer), Return.objects.get()
    assert (back.answered_at is None) == (200 not in statuses)
    assert (back.answered_at is None) != (back.lapsed_at is None)
    assert row.state == "submitted"
    assert (row.answer["reason"] == "Revised.") == (back.answered_at is not None)


def test_an_appeal_and_the_clock(race: Race, as_owner: Any, request: pytest.FixtureRequest) -> None:
    """An appeal in time stops the lapse; a lapse refuses the appeal."""
    answer = answered(race)
    rejected(answer, race.tenant)
    pass_days(7)
    request.getfixturevalue("site")
    in_a_moment(as_owner, "projects_review_decision", "appeal_by")
    ada = race.annotators[0]

    def appeal() -> int:
        body = {"statement": "I followed the rule."}
        return int(ada.client.post(f"{API}/{answer}/appeal/", body).status_code)

    _, first, second = at_once(lambda: until_due(appeals.lapse_due), appeal, appeal)
    with planes.in_workspace(race.tenant.pk):
        lapsed = Decision.objects.filter(stage=2, verdict="lapsed").exists()
        appealed = Appeal.objects.exists()
    assert lapsed != appealed
    assert appealed == (201 in (first, second))
