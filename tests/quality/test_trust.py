"""The headline says yes, with care or no, by what is asked of the question, and by alerts and gold beside agreement."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects.plan import services as plan
from projects.plan.models import Project
from projects.quality.gold.figures import Hits
from projects.quality.trust import Measured, Signals, trust_of, with_signals
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import AuditEntry
from tests.factories import Tenant, make_project
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.quality.made import open_alert
from tests.quality.planted import plant_agreement

GOOD = Measured(300, 0.9, 0.85, 0.95)
FAIR = Measured(300, 0.45, 0.40, 0.50)


@pytest.mark.parametrize(
    ("figures", "is_taste", "begins"),
    [
        (GOOD, False, "Yes: "),
        (FAIR, True, "With care: "),
        (FAIR, False, "No: "),
        (Measured(300, 0.72, 0.68, 0.76), True, "Yes: "),
        (Measured(300, 0.72, 0.68, 0.76), False, "With care: "),
        (Measured(12, 0.9, 0.5, 1.0), False, "Not known yet: "),
        (None, True, "Not known yet: "),
    ],
)
def test_the_first_word_answers(figures: Measured | None, is_taste: bool, begins: str) -> None:
    assert trust_of(figures, is_taste=is_taste).title.startswith(begins)


@pytest.mark.parametrize(
    ("signals", "verdict", "cautions"),
    [
        (Signals(), "yes", []),
        (Signals(open_alerts=1), "with_care", ["1 alert waits for a decision"]),
        (Signals(in_doubt=3), "with_care", ["3 answers are accepted that upheld alerts"]),
        (
            Signals(gold=Hits(100, 76)),
            "with_care",
            ["Of 100 answers to keyed items only 67 % to"],
        ),
        (Signals(2, gold=Hits(100, 50)), "no", ["Of 100", "2 alerts wait"]),
        (Signals(gold=Hits(100, 90)), "yes", []),
        (Signals(gold=Hits(19, 5)), "yes", []),
    ],
)
def test_alerts_and_gold_make_it_worse(signals: Signals, verdict: str, cautions: list[str]) -> None:
    found = with_signals(trust_of(GOOD, is_taste=False), signals)
    assert (found.verdict, found.state) == (verdict, "good")
    assert [said[: len(begins)] for said, begins in zip(found.cautions, cautions, strict=True)] == (
        cautions
    )


@pytest.mark.parametrize("figures", [None, FAIR])
def test_they_never_make_it_better(figures: Measured | None) -> None:
    trust = trust_of(figures, is_taste=False)
    assert with_signals(trust, Signals(open_alerts=1)).verdict == trust.verdict
    assert with_signals(trust, Signals(gold=Hits(100, 99))) == trust


@pytest.fixture
def owner(workspace_a: Tenant) -> Client:
    return browser_of(workspace_a.owner)


def quality(tenant: Tenant, owner: Client, project: Project) -> tuple[str, dict[str, Any]]:
    path = reverse("project_quality", args=[tenant.workspace.slug, project.pk])
    rest = tenant.client.get(f"/api/v1/projects/{project.pk}/quality/").json()
    return " ".join(owner.get(path).content.decode().split()), rest


def test_an_open_alert_is_in_the_headline(
    workspace_a: Tenant, project: Project, annotators: list[Annotator], owner: Client
) -> None:
    plant_agreement(project, 0.9)
    assert "Yes: annotators agree far beyond chance." in quality(workspace_a, owner, project)[0]
    open_alert(annotators[0])
    page, rest = quality(workspace_a, owner, project)
    assert "With care: annotators agree far beyond chance, but something speaks against" in page
    assert "1 alert waits for a decision: somebody’s work may have changed." in page
    assert rest["trust"]["verdict"] == "with_care" and len(rest["trust"]["cautions"]) == 1


def test_whether_there_is_a_right_answer_comes_from_the_template_or_is_said(
    workspace_a: Tenant,
) -> None:
    assert make_project(workspace_a).taste_questions == ["preference"]
    assert make_project(workspace_a, template="ratings").taste_questions == ["helpfulness"]
    body = {"name": "LLMBar", "template": "pairwise", "taste_questions": []}
    made = workspace_a.client.post("/api/v1/projects/", body)
    assert made.status_code == 201 and made.json()["taste_questions"] == []
    refused = workspace_a.client.post("/api/v1/projects/", body | {"taste_questions": ["reason"]})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "taste_questions"


@pytest.mark.parametrize(("judged_as", "taste"), [("", ["helpfulness"]), ("truth", [])])
def test_the_page_of_a_new_project_asks_for_it(
    workspace_a: Tenant, owner: Client, judged_as: str, taste: list[str]
) -> None:
    path = reverse("project_new", args=[workspace_a.workspace.slug])
    assert "Is there a right answer?" in owner.get(path).content.decode()
    fields = {"template": "ratings", "name": "New", "access": "members", "judged_as": judged_as}
    fields |= {"overlap": "2", "estimated_seconds": "60", "lease_minutes": "30"}
    assert owner.post(path, fields | {"auto_accept_hours": "72"}).status_code == 303
    with planes.in_workspace(workspace_a.pk):
        assert Project.objects.get(name="New").taste_questions == taste


def test_it_is_changed_on_the_projects_page_and_audited(
    workspace_a: Tenant, project: Project, owner: Client
) -> None:
    plant_agreement(project, 0.45)
    page, rest = quality(workspace_a, owner, project)
    assert "With care:" in page and "InstructGPT" in page and rest["trust"]["is_taste"]
    path = reverse("project_watch", args=[workspace_a.workspace.slug, project.pk])
    overview = owner.get(reverse("project", args=[workspace_a.workspace.slug, project.pk]))
    assert 'value="preference" checked' in " ".join(overview.content.decode().split())
    assert owner.post(path, {"on_alarm": "suggest"}).status_code == 303
    page, rest = quality(workspace_a, owner, project)
    assert "No: annotators agree too little." in page and "InstructGPT" not in page
    assert rest["trust"]["state"] == "poor" and not rest["trust"]["is_taste"]
    owner.post(path, {"on_alarm": "suggest", "taste_questions": ["preference"]})
    assert "With care:" in quality(workspace_a, owner, project)[0]
    with planes.in_workspace(workspace_a.pk):
        noted = AuditEntry.objects.filter(verb="project.watch").order_by("pk")
        assert [one.data["taste_questions"] for one in noted] == [[], ["preference"]]


def test_a_question_that_makes_no_judgments_is_refused(
    workspace_a: Tenant, project: Project
) -> None:
    with planes.in_workspace(workspace_a.pk), pytest.raises(Refused, match="among: preference"):
        plan.set_watch(project=project, actor_id=workspace_a.owner.pk, taste_questions=["reason"])


def test_published_preferences_are_not_shown_beside_ratings(
    workspace_a: Tenant, owner: Client
) -> None:
    project = make_project(workspace_a, template="ratings")
    plant_agreement(project, 0.45, question="helpfulness")
    page, rest = quality(workspace_a, owner, project)
    assert rest["trust"]["is_taste"] and "With care:" in page and "InstructGPT" not in page
