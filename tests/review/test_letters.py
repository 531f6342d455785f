"""A response has the same letter for an answer's annotator and for the reviewer who writes to them."""

import re

import pytest
from django.urls import reverse

from projects.items.models import Batch
from projects.plan.models import Project
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.paid_reviews import answer_of, second_first
from tests.people import Annotator
from tests.review.own import page_of


def test_letters_of_a_single_answer_are_those_that_its_annotator_saw(
    workspace_a: Tenant,
    project: Project,
    batch: Batch,
    annotators: list[Annotator],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the queue and on the answer's own page. Several answers of one item are compared in stored order."""
    second_first(monkeypatch)
    address = reverse("review", args=[workspace_a.workspace.slug, project.pk])
    answer = answer_of(annotators[0])
    owner = browser_of(workspace_a.owner)
    for path in (address, f"{address}{answer}/"):
        text = page_of(owner.get(path))
        assert re.search(r"Response A\b.*Second answer to 1.*Response B\b.*First answer", text)
        assert "B is better" in text and "saw them as" not in text
    answer_of(annotators[1])
    text = page_of(owner.get(address))
    assert re.search(r"Response A\b.*First answer to 1.*Response B\b.*Second answer", text)
    assert text.count("A is better") == text.count("saw them as B, A") == 2
