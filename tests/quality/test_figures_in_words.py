"""What figures rest on: items with several answers, how splits count, how κ is weighted, which days a rate is over."""

import re
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from projects.kinds.protocol import Category, Scale
from projects.plan.models import Project
from projects.quality.alerts import opening, words
from projects.quality.alerts.evidence import Evidence
from projects.quality.measures import figures_of
from projects.quality.models import PartAgreement
from projects.quality.monitors.models import Monitor, MonitorKind
from projects.stats.patterns import Patterns
from rlhfhub.tenancy import clock, planes
from tests.exports.made import judge
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.quality.planted import plant_agreement, plant_annotator
from tests.quality.test_monitors import VERDICTS

ORDERED = Scale("ordinal", tuple(Category(n, str(n)) for n in (-1, 0, 1)))
UNORDERED = Scale("nominal", tuple(Category(n, str(n)) for n in range(3)))


@pytest.mark.parametrize("scale", [ORDERED, UNORDERED])
@pytest.mark.parametrize("pairs", [[[2, 0, 0], [0, 0, 2]], [[2, 0, 0], [1, 0, 1], [0, 1, 1]]])
def test_items_with_one_answer_change_no_figure(scale: Scale, pairs: list[list[int]]) -> None:
    """Twelve items of each sort that several answered, and then ninety that only one person did."""
    single = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    alone = Patterns(np.array(pairs), np.full(len(pairs), 12))
    among = Patterns(np.array([*pairs, *single]), np.array([12] * len(pairs) + [30] * len(single)))
    before, after = figures_of(alone, scale), figures_of(among, scale)
    assert before["gwet_error"] is not None
    for name in ("alpha", "percent", "gwet", "gwet_error", "gwet_low", "gwet_high", "fleiss"):
        assert after[name] == pytest.approx(before[name]), name


@pytest.fixture
def owner(workspace_a: Tenant) -> Client:
    return browser_of(workspace_a.owner)


def text_of(client: Client, name: str, *args: Any) -> str:
    html = client.get(reverse(name, args=args)).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_too_few_accepted_answers_have_no_alpha(
    workspace_a: Tenant, project: Project, owner: Client
) -> None:
    plant_agreement(project, 0.79)
    of = [workspace_a.workspace.slug, project.pk]
    assert "Accepted answers: α 0.79 0.74 to 0.84" in text_of(owner, "project_quality", *of)
    with planes.in_workspace(workspace_a.pk):
        PartAgreement.objects.filter(part="accepted").delete()
        row = PartAgreement.objects.filter(part="version").first()
        assert row is not None
        row.pk, row.part, row.guideline_version, row.items = None, "accepted", None, 3
        row._state.adding = True
        row.pk = PartAgreement._meta.pk.get_default()
        row.save()
    page = text_of(owner, "project_quality", *of)
    assert "Accepted answers: α – too few: 3 items with two accepted answers, 30 are needed" in page


def test_splits_and_weights_are_said(
    workspace_a: Tenant, project: Project, annotators: list[Annotator], owner: Client
) -> None:
    plant_agreement(project, 0.45)
    figures = plant_annotator(annotators[0], 61, 101)
    beside = {"enrollment": str(annotators[1].enrollment.pk), "shared": 40, "agreement": 0.95}
    with planes.in_workspace(workspace_a.pk):
        figures.beside = [{**beside, "kappa": 0.974}]
        figures.save(update_fields=["beside"])
    of = [workspace_a.workspace.slug, project.pk]
    assert "one of these counts 1/k and any other 0" in text_of(owner, "project_quality", *of)
    page = text_of(owner, "annotator_quality", *of, annotators[0].enrollment.pseudonym)
    assert "it misses more than the differences listed below" in page
    assert "Weighted κ" in page and "It is Cohen’s with quadratic weights" in page


@pytest.mark.parametrize(("days", "a_day"), [(0, 15.0), (3, 5.0), (30, 0.0)])
def test_the_rate_is_over_the_days_since_the_first_answer_of_the_week(
    project: Project, batch: Any, annotators: list[Annotator], deliver: Any, days: int, a_day: float
) -> None:
    judge(annotators, VERDICTS)
    deliver()
    with planes.in_workspace(project.workspace_id):
        monitor = Monitor.objects.get(
            enrollment=annotators[0].enrollment, kind=MonitorKind.AGREEMENT
        )
        later = clock.now() + timedelta(days=days)
        assert opening._a_day(monitor, later) == pytest.approx(a_day, abs=0.01)


def test_the_words_say_over_which_days_and_which_answers() -> None:
    told = words.chance("agreement", Evidence(a_day=85.0))
    assert "In the week before this alert the project got about 85 answers a day" in told
    assert "counted from the first of them, those to keyed items and repeats among them" in told
    assert "expect one false alarm in about 59 days" in told
