"""What counts as checked in a sample: what is decided in the check, or found wrong anywhere."""

import uuid

import pytest
from django.db import DatabaseError, transaction
from django.db.models.functions import Now
from django.urls import reverse

from projects.review.models import SampleAnswer, SampleCheck
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.review.own import send_back
from tests.review.samples import accept, progress, sampled


def test_what_is_accepted_outside_the_check_is_not_checked(
    workspace_a: Tenant, check: SampleCheck
) -> None:
    """Neither many at once nor one by one: somebody who accepts everything has checked nothing."""
    drawn, path = sampled(workspace_a, check), "/api/v1/annotations/"
    together = workspace_a.client.post(
        f"{path}accept/", {"ids": [str(one) for one in drawn[:2]]}
    ).json()
    assert together["accepted"] == 2
    accept(workspace_a, *drawn[2:4])
    accept(workspace_a, drawn[4], check=check)
    total = progress(workspace_a, check).total
    assert (total.checked, total.waiting, total.unchecked) == (1, 0, 4)
    assert not progress(workspace_a, check).is_supported


def test_what_is_found_wrong_elsewhere_counts_as_wrong(
    workspace_a: Tenant, check: SampleCheck
) -> None:
    """Without it the other answers would look better than they are."""
    drawn = sampled(workspace_a, check)
    send_back(drawn[0], workspace_a)
    total = progress(workspace_a, check).total
    assert (total.checked, total.wrong) == (1, 1)


@pytest.mark.parametrize("verb", ["accept", "return", "reject"])
def test_a_decision_on_the_page_of_the_check_counts(
    workspace_a: Tenant, check: SampleCheck, verb: str
) -> None:
    one = sampled(workspace_a, check)[0]
    address = reverse(f"review_{verb}", args=[workspace_a.workspace.slug, check.project_id, one])
    said = {"reason": "rule", "rule": "R1", "note": "Line 2 is not fair to the first one."}
    browser_of(workspace_a.owner).post(f"{address}?sample={check.pk}", said)
    with planes.in_workspace(workspace_a.pk):
        assert SampleAnswer.objects.get(sample_check=check, annotation=one).checked_at
    assert progress(workspace_a, check).total.checked == 1


def test_only_a_sample_that_holds_the_answer_can_be_named(
    workspace_a: Tenant, check: SampleCheck, answers: list[uuid.UUID]
) -> None:
    drawn = sampled(workspace_a, check)
    other = next(one for one in answers if one not in drawn)
    words = "Line 2 is not fair to the first one."
    for verb, body in (
        ("accept", {}),
        ("return", {"note": words}),
        ("reject", {"reason": "rule", "rule": "R1", "note": words}),
    ):
        for one, sample in ((other, check.pk), (drawn[0], uuid.uuid4())):
            path = f"/api/v1/annotations/{one}/{verb}/"
            refused = workspace_a.client.post(path, {**body, "sample": str(sample)})
            assert refused.status_code == 400
            assert refused.json()["errors"][0]["field"] == "sample"
    with planes.in_workspace(workspace_a.pk):
        states = Annotation.objects.filter(pk__in=[other, drawn[0]]).values_list("state", flat=True)
        assert set(states) == {"submitted"}, "the decision is taken back"


def test_no_answer_is_checked_without_a_decision_on_it(
    workspace_a: Tenant, check: SampleCheck
) -> None:
    one, other = sampled(workspace_a, check)[:2]
    accept(workspace_a, other, check=check)
    for key, at in ((one, Now()), (other, Now()), (other, None)):
        with (
            planes.in_workspace(workspace_a.pk, workspace_a.owner.pk),
            pytest.raises(DatabaseError, match="checked once"),
            transaction.atomic(),
        ):
            SampleAnswer.objects.filter(sample_check=check, annotation=key).update(checked_at=at)
