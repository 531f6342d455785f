"""Upheld alerts put the answers before their decision in doubt, each once, wherever a project says how far to trust."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from projects.plan.models import Project
from projects.quality.alerts import affected, services
from projects.quality.alerts.models import Alert
from projects.quality.alerts.standing import in_doubt
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.exports.made import accept_all, judge
from tests.factories import Tenant, make_batch
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.quality.made import open_alert
from tests.quality.planted import plant_agreement
from tests.quality.test_monitors import VERDICTS


def uphold(tenant: Tenant, alert: Alert) -> Alert:
    with planes.in_workspace(tenant.pk, tenant.owner.pk):
        return services.uphold(alert=alert, note="Rule R2.", actor_id=tenant.owner.pk)


def ids_of(annotator: Annotator) -> list[Any]:
    rows = Annotation.objects.filter(enrollment=annotator.enrollment).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def test_answers_after_the_decision_are_not_affected(
    workspace_a: Tenant, project: Project, batch: Any, annotators: list[Annotator]
) -> None:
    judge(annotators, VERDICTS)
    alert = uphold(workspace_a, open_alert(annotators[0]))
    make_batch(project, 2, first=6)
    judge(annotators, {"6": ["first"] * 3, "7": ["second"] * 3})
    with planes.in_workspace(workspace_a.pk):
        mine = ids_of(annotators[0])
        assert len(mine) == 7
        found = affected.answers(alert).order_by("pk").values_list("pk", flat=True)
        assert list(found) == mine[:5]


def test_an_answer_that_many_alerts_are_about_counts_once(
    workspace_a: Tenant, project: Project, batch: Any, annotators: list[Annotator]
) -> None:
    """Also those of more alerts than the page lists."""
    judge(annotators, VERDICTS)
    accept_all(workspace_a)
    with planes.in_workspace(workspace_a.pk):
        assert in_doubt([project.pk]) == {}
    for kind in ("agreement", "gold", "speed", "guessing", "side", "run"):
        uphold(workspace_a, open_alert(annotators[0], kind))
    with planes.in_workspace(workspace_a.pk):
        assert in_doubt([project.pk]) == {project.pk: 5}


def test_every_badge_says_what_the_quality_page_says(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    with planes.in_workspace(workspace_a.pk):
        Project.objects.filter(pk=project.pk).update(taste_questions=[])
    plant_agreement(project, 0.9)
    slug, owner = workspace_a.workspace.slug, browser_of(workspace_a.owner)
    pages = [reverse("workspace", args=[slug]), reverse("project", args=[slug, project.pk])]
    for page in pages:
        assert badge(owner, page) == "reliable"
    uphold(workspace_a, open_alert(annotators[0]))
    open_alert(annotators[1])
    for page in pages:
        assert badge(owner, page) == "with care"


def badge(browser: Client, page: str) -> str:
    html = browser.get(page).content.decode()
    [said] = re.findall(r"</svg>\s*(reliable|with care)\s*</span>", html)
    return str(said)
