"""The desk's fields for every kind and any number of responses, and the page of reviews for each."""

import re
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from projects.kinds import form
from projects.work.forms import questions_context
from projects.work.models import Annotation, Lease
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch, make_project
from tests.kinds.examples import SETTINGS, answer_of_step, questions_of
from tests.pages.conftest import HTMX, browser_of
from tests.people import make_annotator

ID = "01234567-0123-7123-8123-0123456789ab"


def fields_of(questions: list[dict[str, Any]], responses: int, draft: dict[str, Any]) -> str:
    """The lease's page for a form."""
    keys = [f"key{number}" for number in range(responses)]
    shown = [{"key": key, "messages": [{"role": "assistant", "content": key}]} for key in keys]
    context = {
        "enrollment": {"id": ID},
        "lease": {"id": ID},
        "today": {"submitted": 0},
        "prompt": [{"role": "user", "content": "Why?"}],
        "responses": shown,
        "several": responses > 1,
        "draft": draft,
        "errors": {},
        "price": {},
        **questions_context(form.present(questions)),
    }
    return render_to_string("projects/work/_lease.html", context)


def posted(page: str) -> dict[str, str]:
    """Return the fields that a browser would send for the page's form."""
    found: dict[str, str] = {}
    for attributes in re.findall(r"<input\s([^>]*type=\"radio\"[^>]*)>", page):
        given = dict(re.findall(r'([a-z-]+)="([^"]*)"', attributes))
        if re.search(r"\schecked\b", attributes) and given["name"] != "reason":
            found[given["name"]] = given["value"]
    for name, text in re.findall(r'<textarea[^>]* name="(q\w*)"[^>]*>([^<]*)</textarea>', page):
        found[name] = text
    return found


@pytest.mark.parametrize("responses", [0, 1, 2, 3, 10])
def test_any_number_of_responses_is_shown(responses: int) -> None:
    questions = questions_of("text" if responses == 0 else "rating")[:1]
    page = fields_of(questions, responses, {})
    assert page.count("<article") == responses
    assert ("Response A" in page) == (responses > 1)
    assert ('class="responses"' in page) == (responses > 0)
    if responses:
        assert page.count('<fieldset class="rating') == responses


@pytest.mark.parametrize("kind", SETTINGS)
def test_a_draft_is_shown_as_it_will_be_sent(kind: str) -> None:
    """Rendered and sent as a plain form, every answer is itself again."""
    keys = ["key0", "key1"]
    for question in questions_of(kind):
        [presented] = form.present([question])
        if kind == "text":
            answers: list[Any] = ["Two words"]
        elif kind == "label":
            answers = [choice["value"] for choice in presented["choices"]]
        elif kind == "rating":
            steps = [step["value"] for step in presented["steps"]]
            answers = [{"key0": step, "key1": steps[0]} for step in steps] + [{"key1": steps[-1]}]
        else:
            answers = [answer_of_step(step, keys) for step in presented["steps"]]
        for answer in answers:
            page = fields_of([question], 2, {"q": answer})
            assert form.read_form([question], posted(page), keys) == {"q": answer}
        assert form.read_form([question], posted(fields_of([question], 2, {})), keys) == {}


def test_ids_are_unique_and_labels_point_at_fields() -> None:
    many = [
        {**question, "name": f"q{number}"}
        for number, question in enumerate(
            [*questions_of("rating"), *questions_of("preference"), *questions_of("text")]
        )
    ]
    page = fields_of(many, 2, {})
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'<label[^>]* for="([^"]+)"', page)) <= set(ids)


@pytest.mark.parametrize(
    ("template", "answer", "words", "mark"),
    [
        ("eight", {"choice": 0, "strength": 4}, "A is much better", ""),
        ("likert5", {"choice": "tie"}, "About the same", ""),
        ("pairwise_both_bad", {"choice": "both_bad"}, "Both are bad", ""),
        ("ratings", None, "Helpfulness: A: 4 of 4, B: 1 of 4", "helpfulness: 4 of 4"),
    ],
)
def test_reviewers_read_every_kind(
    workspace_a: Tenant, template: str, answer: dict[str, Any] | None, words: str, mark: str
) -> None:
    project = make_project(workspace_a, template=template)
    make_batch(project, items=1)
    ada = make_annotator(project)
    lease = ada.lease()
    assert lease is not None
    # In the order that the annotator sees, by which the letters of a single answer go.
    keys = [each["key"] for each in lease["responses"]]
    if answer is None:
        rated = dict(zip(keys, (4, 1), strict=True))
        sent: dict[str, Any] = {"helpfulness": rated, "correctness": rated}
    else:
        choice = answer["choice"]
        sent = {"preference": {**answer, "choice": keys[choice] if choice in (0, 1) else choice}}
    done = ada.client.post(f"/api/v1/desk/leases/{lease['id']}/submit/", {"answer": sent})
    assert done.status_code == 201, done.content
    reviewer, place = browser_of(workspace_a.owner), (workspace_a.workspace.slug, project.pk)
    queue = reviewer.get(reverse("review", args=place)).content.decode()
    assert words in queue
    with planes.in_workspace(project.workspace_id):
        row = Annotation.objects.get(project=project)
    # Marks beside the responses are on the answer's own page: the queue's card has one for all annotators.
    whole = reviewer.get(reverse("review_one", args=[*place, row.pk])).content.decode()
    assert words in whole and mark in whole


def test_a_plain_post_of_ratings(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, template="ratings")
    make_batch(project, items=1)
    ada = make_annotator(project)
    browser, desk = browser_of(ada.user), f"/work/{ada.enrollment.pk}/"
    page = browser.get(desk).content.decode()
    lease = re.search(r'data-lease="([0-9a-f-]+)"', page)[1]  # type: ignore[index]
    keys = list(dict.fromkeys(re.findall(r'name="helpfulness\.(\w+)"', page)))
    fields = {f"{name}.{key}": "3" for name in ("helpfulness", "correctness") for key in keys}
    short = {name: value for name, value in fields.items() if name != f"correctness.{keys[1]}"}
    refused = browser.post(f"{desk}leases/{lease}/submit/", {**short, "reason": "Mine"}, **HTMX)
    assert refused.status_code == 422
    again = refused.content.decode()
    assert "Response B is not rated yet." in again
    assert "Mine" in again
    assert len(re.findall(r"\schecked[\s>]", re.sub(r"<input[^>]*reason[^>]*>", "", again))) == 3
    assert browser.post(f"{desk}leases/{lease}/submit/", fields).status_code == 303
    with planes.in_workspace(project.workspace_id):
        assert Lease.objects.get(pk=lease).ended_as == "submitted"
