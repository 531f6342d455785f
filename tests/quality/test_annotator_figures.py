"""What is kept of annotators, accepted answers and guideline versions equals the command on the same data."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from projects.items.models import Batch
from projects.plan.models import Project
from projects.quality import stale
from projects.quality.models import AgreementSnapshot, AnnotatorFigures, PartAgreement, Stale
from projects.quality.tasks import refresh
from projects.review.services import accepting as review
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.exports.made import VERDICTS, judge
from tests.factories import Tenant, make_batch, publish_guidelines
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.revisions import revise, send_back


@pytest.fixture
def judged(
    workspace_a: Tenant, project: Project, batch: Batch, annotators: list[Annotator], deliver: Any
) -> Tenant:
    judge(annotators, VERDICTS)
    deliver()
    refresh()
    return workspace_a


def rows_of(tenant: Tenant) -> dict[str, AnnotatorFigures]:
    with planes.in_workspace(tenant.pk):
        rows = AnnotatorFigures.objects.select_related("enrollment")
        return {row.enrollment.pseudonym: row for row in rows}


def command(tenant: Tenant, path: Path, level: str, **where: Any) -> dict[str, Any]:
    """What `annotator_stats` says of the first judgments that match `where`."""
    with planes.in_workspace(tenant.pk):
        found = Annotation.objects.filter(**where).select_related("enrollment")
        lines = [f"{a.item_id},{a.enrollment.pseudonym},{a.judged[0]}" for a in found]
    path.write_text("\n".join(["item,annotator,label", *lines]))
    out = StringIO()
    call_command("annotator_stats", "--ratings", str(path), "--level", level, "--json", stdout=out)
    said: dict[str, Any] = json.loads(out.getvalue())
    return said


def test_the_figures_equal_the_command(judged: Tenant, tmp_path: Path) -> None:
    with planes.in_workspace(judged.pk):
        whole = AgreementSnapshot.objects.get(batch=None)
        version = PartAgreement.objects.exclude(guideline_version=None).get()
        # Nothing is accepted yet.
        assert not PartAgreement.objects.filter(guideline_version=None).exists()
    expected = command(judged, tmp_path / "all.csv", "ordinal")
    for figures in (whole, version):
        assert figures.percent == pytest.approx(expected["percent_agreement"])
        alpha = {"value": figures.alpha, "low": figures.low, "high": figures.high}
        assert alpha == pytest.approx(expected["krippendorff_alpha"])
        assert figures.gwet == pytest.approx(expected["gwet_ac2"])
        assert figures.gwet_error == pytest.approx(
            expected["details"]["gwet_ac2"]["standard_error"]
        )
        assert figures.fleiss is None  # three categories in an order
        assert figures.items == expected["items"] == 5
        assert figures.annotations == expected["annotations"] == 14
    rows = rows_of(judged)
    shares = {name: row.agreement for name, row in rows.items()}
    assert shares == pytest.approx(expected["leave_one_out"])
    assert len(rows) == 3


@pytest.mark.slow
def test_accepted_answers_are_a_figure_of_their_own(
    judged: Tenant, tmp_path: Path, deliver: Any
) -> None:
    with planes.in_workspace(judged.pk):
        ids = list(Annotation.objects.order_by("id").values_list("id", flat=True))[2:]
        review.accept(annotation_ids=ids, reviewer_id=judged.owner.pk)
    deliver()
    refresh()
    with planes.in_workspace(judged.pk):
        accepted = PartAgreement.objects.get(guideline_version=None)
        whole = AgreementSnapshot.objects.filter(batch=None).latest("at")
    expected = command(judged, tmp_path / "accepted.csv", "ordinal", state="accepted")
    assert accepted.alpha == pytest.approx(expected["krippendorff_alpha"]["value"])
    assert accepted.alpha != whole.alpha
    assert accepted.annotations == 12
    assert sum(row.accepted for row in rows_of(judged).values()) == 12


@pytest.mark.slow
def test_the_first_submission_counts_whatever_a_revision_says(judged: Tenant, deliver: Any) -> None:
    before = rows_of(judged)
    with planes.in_workspace(judged.pk):
        one = Annotation.objects.filter(item__external_id="item-2").first()
    assert one
    send_back(one.pk)
    revise(one.pk, one.answer, [-1], one.units)
    with planes.in_workspace(judged.pk):
        stale.mark_stale(project_ids=[one.project_id])
    refresh()
    after = rows_of(judged)
    assert {n: r.agreed for n, r in after.items()} == {n: r.agreed for n, r in before.items()}


def test_each_guideline_version_has_its_own_agreement(
    judged: Tenant, project: Project, annotators: list[Annotator], deliver: Any
) -> None:
    publish_guidelines(project, "# Newer", "minor")
    make_batch(project, 2, first=50)
    for annotator in annotators:
        while lease := annotator.lease():
            assert annotator.submit(lease).status_code == 201
    deliver()
    refresh()
    with planes.in_workspace(judged.pk):
        parts = PartAgreement.objects.exclude(guideline_version=None).select_related(
            "guideline_version"
        )
        found = {p.guideline_version.number: (p.items, p.annotations) for p in parts}
    assert found == {1: (5, 14), 2: (2, 6)}


def test_an_annotator_s_row(judged: Tenant, annotators: list[Annotator]) -> None:
    """Ada says first, second, tie, first, tie of the items 1 to 5; the others lead item 1 alone with `first`."""
    with planes.in_workspace(judged.pk):
        mine = Annotation.objects.filter(enrollment=annotators[0].enrollment)
        shown = list(mine.order_by("id").values_list("judged", "lease__shown", "seconds"))
    row = rows_of(judged)[annotators[0].enrollment.pseudonym]
    assert (row.answers, row.accepted, row.judgments) == (len(shown), 0, len(shown))
    assert row.ties == sum(value == 0 for (value,), _, _ in shown)
    assert row.decided == row.judgments - row.ties
    firsts = sum((value < 0) == (order[0] == 0) for (value,), order, _ in shown if value)
    assert row.chose_first == firsts
    seconds = sorted(s for _, _, s in shown)
    assert row.median_seconds == pytest.approx(seconds[len(seconds) // 2])
    looks = [value if order[0] == 0 else -value for (value,), order, _ in shown]
    longest = max(
        stop - start
        for start in range(len(looks))
        for stop in range(start + 1, len(looks) + 1)
        if len(set(looks[start:stop])) == 1
    )
    assert row.run == longest
    assert (row.agreement_direction, row.first_direction) == (0, 0)  # too few
    assert sum(row.span_compared) == row.compared and sum(row.span_agreed) == row.agreed


@pytest.mark.slow
def test_figures_of_the_newest_answers_alone_say_so(
    judged: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, words = f"/w/{judged.workspace.slug}/projects/{project.pk}/quality/", "newest 13 answers"
    rest = f"/api/v1/projects/{project.pk}/"
    browser = browser_of(judged.owner)
    assert "Older answers are left out" not in browser.get(path).content.decode()
    assert judged.client.get(f"{rest}annotators/").json()["results"][0]["newest"] is None
    monkeypatch.setattr("projects.quality.judged.MOST", 13)
    with planes.in_workspace(judged.pk):
        stale.mark_stale(project_ids=[project.pk])
    refresh()
    (row, *_) = judged.client.get(f"{rest}annotators/").json()["results"]
    assert row["newest"] == 13
    assert judged.client.get(f"{rest}quality/").json()["annotators"]["newest"] == 13
    assert words in browser.get(path).content.decode()
    person = browser.get(f"{path}{row['annotator']}/").content.decode()
    assert words in person


def test_what_comes_in_during_a_run_is_not_lost(judged: Tenant, project: Project) -> None:
    with planes.in_workspace(judged.pk):
        stale.mark_stale(project_ids=[project.pk])
        with stale.recomputed(project.pk, Stale.Figures.ANNOTATORS):
            stale.mark_stale(project_ids=[project.pk])
        with stale.recomputed(project.pk, Stale.Figures.AGREEMENT):
            pass
        assert {row.figures for row in Stale.objects.all()} == {"annotators", "keys"}
