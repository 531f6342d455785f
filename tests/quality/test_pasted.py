"""Texts that are mostly pasted open an alert where machine-written text is forbidden, and honest people have none."""

import random

import pytest

from projects.plan import services as plan
from projects.plan.models import Project
from projects.quality.alerts import affected, services, words
from projects.quality.alerts.evidence import Evidence
from projects.quality.alerts.models import Alert
from projects.quality.annotators import refresh_annotators
from projects.review.models import Flag
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch, make_project
from tests.people import Annotator, make_annotator


@pytest.fixture
def strict(workspace_a: Tenant) -> Project:
    """A project that forbids machine-written text, with items enough."""
    project = make_project(workspace_a, machine_text="forbidden")
    make_batch(project, 45)
    return project


def text(seed: str, letters: int = 80) -> str:
    """A text that is like no other one."""
    draw = random.Random(seed)
    return "".join(draw.choices("abcdefg hijklmno", k=letters)).replace(" ", "z ")


def write(
    annotator: Annotator, answers: int, percent: int | None, *, letters: int = 80, of: str = ""
) -> None:
    """Submit so many answers with a reason of which `percent` were pasted."""
    for number in range(answers):
        lease = annotator.lease() or {}
        key = lease["responses"][0]["key"]
        answer = {
            "preference": {"choice": key},
            "reason": text(f"{of}{annotator.secret}{number}", letters),
        }
        sent = annotator.client.post(
            f"/api/v1/desk/leases/{lease['id']}/submit/",
            {"answer": answer, "pasted_percent": percent},
        )
        assert sent.status_code == 201, sent.content


def search(project: Project) -> list[Alert]:
    """Let the job run that recomputes figures. Returns the project's alerts about pasted texts."""
    with planes.in_workspace(project.workspace_id):
        refresh_annotators(project_id=project.pk)
        return list(Alert.objects.filter(project=project, kind="pasted").order_by("pk"))


def test_who_pastes_nearly_everything_gets_one_alert(workspace_a: Tenant, strict: Project) -> None:
    ada, ben = make_annotator(strict, "Ada"), make_annotator(strict, "Ben")
    write(ada, 9, 100)
    write(ben, 12, 0)
    assert search(strict) == [], "nine are too few"
    write(ada, 1, 80, of="tenth ")
    [alert] = search(strict)
    assert alert.enrollment_id == ada.enrollment.pk
    evidence = Evidence.restore(alert.evidence)
    assert (evidence.count, evidence.of, len(alert.annotations)) == (10, 10, 10)
    title = words.title("pasted", "A-1", evidence)
    assert title.startswith(
        "A-1 pasted most of the text in 10 of the newest 10 answers with a text"
    )
    assert "paste quotations" in words.chance("pasted", evidence)
    write(ada, 10, 100, of="while it is open ")
    assert len(search(strict)) == 1, "one of a kind is open at a time"
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        assert affected.counts(alert).data == 10
        services.uphold(
            alert=alert, note="Write.", actor_id=workspace_a.owner.pk, flag_answers=True
        )
        assert set(Flag.objects.values_list("reason", flat=True)) == {"pasted"}
    assert len(search(strict)) == 1, "what was decided is not asked again"
    write(ada, 9, 100, of="later ")
    assert len(search(strict)) == 1
    write(ada, 1, 100, of="last ")
    assert len(search(strict)) == 2, "unless ten more are pasted"


@pytest.mark.parametrize(
    ("percent", "letters"),
    [
        (60, 200),  # quotes more than half of each text
        (79, 80),
        (100, 30),  # pastes a link or a word
        (None, 200),  # answers by program, which counts nothing
    ],
)
def test_honest_people_have_none(strict: Project, percent: int | None, letters: int) -> None:
    write(make_annotator(strict), 15, percent, letters=letters)
    assert search(strict) == []


def test_half_of_the_newest_twenty_must_be_pasted(strict: Project) -> None:
    """Ten that were pasted long ago do not count."""
    ada = make_annotator(strict)
    write(ada, 10, 100)
    write(ada, 11, 10, of="later ")
    assert search(strict) == []


def test_where_a_machine_may_write_nobody_looks(workspace_a: Tenant, strict: Project) -> None:
    write(make_annotator(strict), 12, 100)
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        project = Project.objects.get(pk=strict.pk)
        plan.set_watch(project=project, actor_id=workspace_a.owner.pk, machine_text="allowed")
    assert search(strict) == []
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        plan.set_watch(project=project, actor_id=workspace_a.owner.pk, machine_text="forbidden")
    assert len(search(strict)) == 1
