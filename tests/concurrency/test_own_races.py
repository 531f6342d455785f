"""An annotator who acts twice at once on a decision: one effect."""

import uuid

import pytest

from projects.review.models import Appeal
from projects.work.models import Annotation, AnnotationHistory
from rlhfhub.tenancy import planes
from tests.concurrency.conftest import Race
from tests.concurrency.races import at_once
from tests.rejections import rejected
from tests.review.own import answer_of, send_back

pytestmark = pytest.mark.concurrency
API = "/api/v1/desk/annotations"


def answered(race: Race) -> uuid.UUID:
    race.batch(1)
    return answer_of(race.annotators[0])


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
