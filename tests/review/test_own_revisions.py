"""A returned answer is revised once, in time, and the first one stays in the history."""

import re
import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from projects.quality.models import Tally
from projects.review.tasks import end_due
from projects.work.models import AnnotationHistory
from rlhfhub.tenancy import planes
from tests.factories import Tenant
from tests.pages.conftest import HTMX, keys_of
from tests.people import Annotator
from tests.rejections import pass_days
from tests.review.own import answer_of, at, page_of, send_back, stored


def test_a_returned_answer_is_revised_with_the_old_one_filled_in(
    workspace_a: Tenant, ada: Annotator, browser: Client
) -> None:
    answer = answer_of(ada, 1, "Short.")
    send_back(answer, workspace_a)
    page = page_of(browser.get(at(ada, "decisions")))
    assert "You can revise your answer until" in page and "Say more about the source." in page
    path = at(ada, "revise", answer)
    form = browser.get(path)
    body, keys = form.content.decode(), stored(answer, workspace_a).lease.keys
    assert "Say more about the source." in page_of(form) and "The price stays the same." in body
    assert keys_of(body) == keys and ">Short.</textarea>" in body
    assert re.search(rf'value="{keys[1]}"[^>]*\bchecked', body)
    assert not re.search(rf'value="{keys[0]}"[^>]*\bchecked', body)
    done = browser.post(
        path, {"preference": keys[0], "reason": "The source is named.", "pasted_percent": "40"}
    )
    assert (done.status_code, done["Location"]) == (303, at(ada, "decisions"))
    row = stored(answer, workspace_a)
    first = row.lease.shown[0]
    assert row.answer == {"preference": {"choice": first}, "reason": "The source is named."}
    assert (row.state, row.pasted_percent) == ("submitted", 40)
    assert "revised, waits for a decision" in page_of(browser.get(at(ada, "decisions")))


@pytest.mark.parametrize(
    ("sent", "least", "most"), [("1", 0.001, 0.001), ("", 0, 0), ("900000", 0.002, 60)]
)
def test_the_time_of_a_revision_is_added(
    workspace_a: Tenant, ada: Annotator, browser: Client, sent: str, least: float, most: float
) -> None:
    """No more than the time since it was sent back."""
    answer = answer_of(ada, 1, "Short.")
    send_back(answer, workspace_a)
    before = stored(answer, workspace_a)
    fields = {"preference": before.lease.keys[0], "reason": "Longer.", "active_ms": sent}
    assert browser.post(at(ada, "revise", answer), fields).status_code == 303
    added = stored(answer, workspace_a).seconds - before.seconds
    assert least <= round(added, 6) <= most


def test_a_refused_revision_keeps_what_was_written(
    workspace_a: Tenant, ada: Annotator, browser: Client, answer: uuid.UUID
) -> None:
    send_back(answer, workspace_a)
    path = at(ada, "revise", answer)
    wrong = browser.post(path, {"reason": "Only words", "pasted_percent": "7"}, **HTMX)
    assert wrong.status_code == 422
    body = wrong.content.decode()
    assert "<html" not in body and ">Only words</textarea>" in body and 'value="7"' in body
    assert stored(answer, workspace_a).state == "returned"


def test_a_second_tab_gets_a_true_ending(
    workspace_a: Tenant, ada: Annotator, browser: Client, answer: uuid.UUID
) -> None:
    send_back(answer, workspace_a)
    path = at(ada, "revise", answer)
    keys = stored(answer, workspace_a).lease.keys
    form = {"preference": keys[1], "reason": "Revised."}
    first = browser.post(path, form, **HTMX)
    assert first.status_code == 200 and "Your revised answer is saved" in page_of(first)
    same = browser.post(path, form, **HTMX)
    assert same.status_code == 409 and "Your revised answer is saved" in page_of(same)
    other = browser.post(path, form | {"reason": "Something else."}, **HTMX)
    assert other.status_code == 409 and "Another revised answer is already saved" in page_of(other)
    assert "This answer was revised already." in page_of(other)
    assert "Something else.</textarea>" in other.content.decode()
    assert "Your revised answer is saved" in page_of(browser.get(path))
    assert stored(answer, workspace_a).answer["reason"] == "Revised."


def test_a_late_revision_is_not_taken_and_its_words_are_kept(
    workspace_a: Tenant, ada: Annotator, browser: Client, answer: uuid.UUID
) -> None:
    send_back(answer, workspace_a)
    before = stored(answer, workspace_a).answer
    pass_days(4)
    path = at(ada, "revise", answer)
    keys = stored(answer, workspace_a).lease.keys
    for _ in range(2):
        late = browser.post(path, {"preference": keys[1], "reason": "Late words."})
        assert late.status_code == 409 and "The time to revise is over" in page_of(late)
        assert "Late words.</textarea>" in late.content.decode()
        empty = browser.post(path, {"reason": "Late words."})
        assert empty.status_code == 409 and "The time to revise is over" in page_of(empty)
        assert "The time to revise is over" in page_of(browser.get(path))
        end_due()
    row = stored(answer, workspace_a)
    assert (row.state, row.answer) == ("submitted", before)
    assert "You did not revise this answer in time" in page_of(browser.get(at(ada, "decisions")))


def test_a_revised_answer_keeps_the_first_one_for_agreement(
    workspace_a: Tenant, ada: Annotator, browser: Client, deliver: Callable[[], int]
) -> None:
    """The history has the first one, and so have the first judgments of its item's tally."""
    answer = answer_of(ada)
    send_back(answer, workspace_a)
    row = stored(answer, workspace_a)
    first = dict(row.answer)
    keys = row.lease.keys
    done = browser.post(at(ada, "revise", answer), {"preference": keys[1], "reason": "Changed."})
    assert done.status_code == 303
    deliver()
    assert stored(answer, workspace_a).answer["preference"] != first["preference"]
    with planes.in_workspace(workspace_a.pk):
        kept = AnnotationHistory.objects.get(annotation=answer)
        tally = Tally.objects.get(item=row.item_id, question="preference")
    assert (kept.number, kept.answer) == (1, first)
    assert sum(map(sum, tally.first)) == sum(map(sum, tally.counted)) == 1
    assert tally.first != tally.counted
