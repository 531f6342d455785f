"""Check a sample, accept the rest: how large, drawn from whom, what is wrong, and what it supports."""

import uuid
from collections import Counter

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from projects.items.models import Batch
from projects.plan.models import Project
from projects.review.bulk import services as bulk_accepts
from projects.review.bulk.models import BulkAnswer
from projects.review.models import SampleAnswer, SampleCheck
from projects.review.samples import services
from projects.review.services import accepting
from projects.review.tasks import apply_bulk_accepts
from projects.work.models import Annotation
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests.factories import PRICE, Tenant, make_batch
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.rejections import reject
from tests.review import bulk
from tests.review.own import page_of, send_back
from tests.review.samples import accept, draw, page_at, progress, sampled


def test_it_is_drawn_within_annotators_and_kept(
    workspace_a: Tenant, check: SampleCheck, answers: list[uuid.UUID]
) -> None:
    drawn = sampled(workspace_a, check)
    assert check.answers == 15 and len(set(drawn)) == 5 and set(drawn) < set(answers)
    with planes.in_workspace(workspace_a.pk):
        found = Annotation.objects.filter(pk__in=drawn).values_list("enrollment", flat=True)
        assert sorted(Counter(found).values()) == [1, 2, 2]
        for change in ({"draw": 2}, {"annotation_id": answers[0]}):
            with pytest.raises(DatabaseError), transaction.atomic():
                SampleAnswer.objects.filter(sample_check=check).update(**change)


def test_a_right_sample_supports_accepting_the_rest(
    workspace_a: Tenant, project: Project, check: SampleCheck, annotators: list[Annotator]
) -> None:
    drawn = sampled(workspace_a, check)
    accept(workspace_a, *drawn[:4], check=check)
    with planes.in_workspace(workspace_a.pk), pytest.raises(Refused, match="not checked"):
        services.accept_rest(check=check, member_id=workspace_a.owner.pk)
    assert "Next: check the 1 that is left" in page_at(workspace_a, check)
    accept(workspace_a, drawn[4], check=check)
    # Came later: the sample does not speak for it.
    later = make_batch(project, 1, first=50)
    assert annotators[0].submit(annotators[0].lease() or {}).status_code == 201
    found = progress(workspace_a, check)
    assert (found.total.checked, found.total.wrong, found.rest.answers, found.more) == (5, 0, 10, 0)
    assert found.is_supported and found.total.upper == pytest.approx(1 - 0.2 ** (1 / 5))
    assert found.rest.price_minor == 10 * PRICE and later.pk != check.batch_id
    address = reverse("sample_accept", args=[workspace_a.workspace.slug, project.pk, check.pk])
    said = page_of(browser_of(workspace_a.owner).post(address, follow=True))
    assert "10 answers are accepted in ten minutes" in said
    # They are not offered a second time.
    assert progress(workspace_a, check).rest.answers == 0
    shown = page_at(workspace_a, check)
    assert "The other 10 answers are accepted" in shown and "Accept the remaining" not in shown
    bulk.pass_minutes()
    apply_bulk_accepts()
    with planes.in_workspace(workspace_a.pk):
        states = Counter(Annotation.objects.values_list("state", flat=True))
    assert states == {"accepted": 15, "submitted": 1}


def test_what_waits_in_a_bulk_accept_is_not_drawn_and_not_spoken_for(
    workspace_a: Tenant, project: Project, batch: Batch, answers: list[uuid.UUID]
) -> None:
    asked = bulk.request(project, answers[:9], workspace_a.owner.pk)
    check = draw(workspace_a, batch)
    assert check.answers == 6 and set(sampled(workspace_a, check)) < set(answers[9:])
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        bulk_accepts.undo(bulk_id=asked.pk, member_id=workspace_a.owner.pk)
    found = progress(workspace_a, check)
    assert (found.total.drawn, found.rest.answers, found.rest.in_bulk) == (5, 1, 0)


def test_an_answer_that_is_accepted_together_with_others_is_not_checked(
    workspace_a: Tenant, project: Project, check: SampleCheck
) -> None:
    drawn = sampled(workspace_a, check)
    accept(workspace_a, drawn[0], check=check)
    bulk.request(project, drawn[1:], workspace_a.owner.pk)
    bulk.pass_minutes()
    apply_bulk_accepts()
    total = progress(workspace_a, check).total
    assert (total.checked, total.waiting, total.unchecked) == (1, 0, 4)
    assert "4 accepted outside this check" in page_at(workspace_a, check)


def test_wrong_ones_are_counted_and_the_rest_is_not_supported(
    workspace_a: Tenant, project: Project, check: SampleCheck
) -> None:
    """One is sent back, one rejected: the limit rises, and more must be checked than are left."""
    drawn = sampled(workspace_a, check)
    accept(workspace_a, *drawn[:3], check=check)
    send_back(drawn[3], workspace_a)
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        reject(drawn[4], workspace_a)
    found = progress(workspace_a, check)
    assert (found.total.checked, found.total.wrong, found.is_supported) == (5, 2, False)
    assert found.total.upper == pytest.approx(0.673, abs=1e-3)
    assert sum(person.share.wrong for person in found.people) == 2
    assert "does not support accepting the rest" in page_at(workspace_a, check)
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        with pytest.raises(Refused, match="does not show"):
            services.accept_rest(check=check, member_id=workspace_a.owner.pk)
        asked = services.accept_rest(check=check, member_id=workspace_a.owner.pk, anyway=True)
        chosen = set(BulkAnswer.objects.values_list("annotation", flat=True))
    assert asked.answers == 10 and not chosen & set(drawn)


def test_more_are_drawn_after_a_fault(workspace_a: Tenant, check: SampleCheck) -> None:
    """With one wrong of nine at most 30 % are, with 80 %: four more are drawn, and are no fault."""
    drawn = sampled(workspace_a, check)
    send_back(drawn[0], workspace_a)
    accept(workspace_a, *drawn[1:], check=check)
    assert progress(workspace_a, check).more == 4
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        assert services.draw_more(check=check, member_id=workspace_a.owner.pk) == 4
        with pytest.raises(Refused, match="No more answers"):
            services.draw_more(check=check, member_id=workspace_a.owner.pk)
    more = sampled(workspace_a, check)[5:]
    assert len(more) == 4 and not set(more) & set(drawn)
    accept(workspace_a, *more, check=check)
    found = progress(workspace_a, check)
    assert (found.total.checked, found.total.wrong, found.rest.answers) == (9, 1, 6)
    assert found.is_supported


def test_what_was_accepted_automatically_was_not_checked(
    workspace_a: Tenant, check: SampleCheck
) -> None:
    drawn = sampled(workspace_a, check)
    accept(workspace_a, *drawn[:2], check=check)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_work_annotation DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE projects_work_annotation SET decide_by = now() - interval '1 minute' WHERE id = ANY(%s)",
            [drawn[2:]],
        )
        cursor.execute("ALTER TABLE projects_work_annotation ENABLE TRIGGER USER")
    with planes.as_system():
        assert accepting.accept_due() == 3
    total = progress(workspace_a, check).total
    assert (total.checked, total.unchecked, total.waiting) == (2, 3, 0)
    assert "3 accepted outside this check" in page_at(workspace_a, check)


def test_the_queue_shows_the_sample_alone(
    workspace_a: Tenant, project: Project, check: SampleCheck
) -> None:
    queue = reverse("review", args=[workspace_a.workspace.slug, project.pk])
    page = browser_of(workspace_a.owner).get(queue, {"sample": str(check.pk), "order": "oldest"})
    answers = [one for card in page.context["listing"].rows for one in card.answers]
    assert {one.id for one in answers if one.in_sample} == set(sampled(workspace_a, check))
    assert "in the sample" in page_of(page)


def test_one_annotators_answers_and_what_is_refused(
    workspace_a: Tenant, batch: Batch, answers: list[uuid.UUID], annotators: list[Annotator]
) -> None:
    ada = annotators[0].enrollment
    check = draw(workspace_a, batch, enrollment=ada, bound_percent=1)
    assert check.answers == len(sampled(workspace_a, check)) == 5
    for bad in ({"bound_percent": 0}, {"bound_percent": 51}, {"confidence_percent": 100}):
        with pytest.raises(Refused):
            draw(workspace_a, batch, **bad)
    accept(workspace_a, *answers)
    with pytest.raises(Refused, match="nothing to check"):
        draw(workspace_a, batch)


def test_the_form_names_the_only_batch(workspace_a: Tenant, project: Project, batch: Batch) -> None:
    browser = browser_of(workspace_a.owner)
    address = reverse("samples", args=[workspace_a.workspace.slug, project.pk])
    chosen = f'<option value="{batch.pk}" selected>'
    assert chosen in browser.get(address).content.decode()
    make_batch(project, 1, first=50)
    page = browser.get(address).content.decode()
    assert f'<option value="{batch.pk}">' in page and chosen not in page


def test_over_rest(workspace_a: Tenant, batch: Batch, answers: list[uuid.UUID]) -> None:
    client, path = workspace_a.client, f"/api/v1/projects/{batch.project_id}/sample-checks/"
    asked = {"batch": str(batch.pk), "bound_percent": 30, "confidence_percent": 80}
    made = client.post(path, asked).json()
    assert client.get(path).json()["results"] == [made]
    one = f"/api/v1/sample-checks/{made['id']}/"
    queue = f"/api/v1/projects/{batch.project_id}/queue/?page_size=1&sample={made['id']}"
    while queue:
        page = client.get(queue).json()
        rows = [row for item in page["results"] for row in item["answers"]]
        ids = [row["annotation"] for row in rows if row["in_sample"]]
        for key in ids:
            path_of = f"/api/v1/annotations/{key}/accept/"
            assert client.post(path_of, {"sample": made["id"]}).status_code == 200
        queue = page["next"]
    found = client.get(one).json()
    assert found["supported"] and found["total"]["waiting"] == 0 and found["more"] == 0
    assert client.post(f"{one}more/").status_code == 409
    assert client.post(f"{one}accept/", {}).json()["answers"] == found["rest"] == 10
    for wrong in (
        {"batch": str(uuid.uuid4())},
        {**asked, "bound_percent": 51},
        {**asked, "odd": 1},
    ):
        assert client.post(path, wrong).status_code == 400


def test_it_does_not_speak_for_what_came_later(
    workspace_a: Tenant, batch: Batch, annotators: list[Annotator]
) -> None:
    ada, bob = annotators[:2]
    assert ada.submit(ada.lease() or {}).status_code == 201
    check = draw(workspace_a, batch)
    assert bob.submit(bob.lease() or {}).status_code == 201
    assert progress(workspace_a, check).rest.answers == 0
