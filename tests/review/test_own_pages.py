"""An annotator's decisions: what the pages say, appealing, and revising a returned answer."""

import re
import uuid

import pytest
from django.test import Client

from projects.items.models import Batch, Item
from projects.plan.models import Project
from projects.review.own.decided import items_of
from projects.review.tasks import end_due
from projects.work.models import Annotation, Purpose
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import gold
from tests.factories import Tenant, make_batch, make_project, publish_guidelines
from tests.pages.conftest import browser_of
from tests.people import Annotator, make_annotator
from tests.rejections import NOTE, appealed, decide, pass_days, reject, rejected
from tests.review.own import answer_of, at, page_of, send_back

STATEMENT = "The rule asks for a reason, and there is one."


def test_a_rejection_is_shown_with_its_rule_its_money_and_the_way_to_appeal(
    workspace_a: Tenant, ada: Annotator, browser: Client, answer: uuid.UUID
) -> None:
    assert "Nothing was rejected" in page_of(browser.get(at(ada, "decisions")))
    rejected(answer, workspace_a)
    response = browser.get(at(ada, "decisions"))
    [one] = response.context["decisions"]
    page = page_of(response)
    assert NOTE in page and one.rule.title in page and "Read both." in page
    assert "a rule of the guidelines was not followed" in page
    assert "You can appeal until" in page and "was the cited rule broken?" in page
    assert "$0.25, on hold until this ends" in page
    assert "It is better." in page
    assert workspace_a.owner.name not in page and str(workspace_a.owner.pk) not in page
    assert at(ada, "decisions", answer, "appeal") in response.content.decode()


RULES = """# Sources

> Name *each*:
>
> # Books
>
> 1. the title
> 2. the page
>    - its number

# Ties

A tie is rare.
"""


def test_the_text_of_the_rule_is_formatted_as_in_the_guidelines(
    workspace_a: Tenant, project: Project, batch: Batch, ada: Annotator
) -> None:
    """Also of a rule within a quotation, whose end is not its own."""
    publish_guidelines(project, RULES)
    ada = make_annotator(project, "Ada II")
    answers = [answer_of(ada) for _ in range(2)]
    for answer, cited in zip(answers, ("R2", "R3"), strict=True):
        with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
            reject(answer, workspace_a, rule=cited)
    browser = browser_of(ada.user)
    shown = [browser.get(at(ada, "decisions", one)).content.decode() for one in answers]
    assert "<em>each</em>" in shown[0] and "<li>" not in shown[0]
    assert (
        shown[1].count("its number") == 1
        and "<li " in shown[1].replace("<li>", "<li ")
        and "its number" in shown[1]
        and "A tie" not in shown[1]
    )
    for page in shown:
        assert page.count("<blockquote") == page.count("</blockquote>")
        assert page.count("<ol") == page.count("</ol>")


def test_the_item_and_the_answer_are_in_the_order_that_the_desk_showed(
    workspace_a: Tenant, ada: Annotator, browser: Client
) -> None:
    """Whatever order was drawn, the first response is A, and the answer names what was clicked."""
    for _ in range(5):
        lease = ada.lease()
        assert lease
        texts = [one["messages"][0]["content"] for one in lease["responses"]]
        answer = uuid.UUID(ada.submit(lease, 1).json()["id"])
        rejected(answer, workspace_a)
        [one] = (browser.get(at(ada, "decisions", answer)).context["one"],)
        assert [messages[0].content for messages in one.responses] == texts
        assert "B" in one.answer[0].words and "A" not in one.answer[0].words


def test_an_appeal_is_sent_once_and_its_clock_is_shown(
    workspace_a: Tenant, ada: Annotator, browser: Client, answer: uuid.UUID
) -> None:
    rejected(answer, workspace_a)
    path = at(ada, "decisions", answer, "appeal")
    short = browser.post(path, {"statement": "no <b>"})
    assert short.status_code == 422
    assert "10 to 4000 characters" in page_of(short) and ">no &lt;b&gt;</textarea>" in (
        short.content.decode()
    )
    sent = browser.post(path, {"statement": STATEMENT})
    assert (sent.status_code, sent["Location"]) == (303, at(ada, "decisions", answer))
    page = page_of(browser.get(sent["Location"]))
    assert "Somebody outside the workspace decides until" in page and "else you are paid" in page
    assert STATEMENT in page
    again = browser.post(path, {"statement": "Once more, with other words."})
    assert again.status_code == 422
    assert "That can be done once." in page_of(again) and "with other words" in page_of(again)


def test_an_appeal_is_too_late_after_seven_days(
    workspace_a: Tenant, ada: Annotator, browser: Client, answer: uuid.UUID
) -> None:
    rejected(answer, workspace_a)
    pass_days(8)
    page = page_of(browser.get(at(ada, "decisions")))
    assert "The time to appeal ended" in page and "Send the appeal" not in page
    late = browser.post(at(ada, "decisions", answer, "appeal"), {"statement": STATEMENT})
    assert late.status_code == 422 and "time to appeal" in page_of(late)
    end_due()
    page = page_of(browser.get(at(ada, "decisions")))
    assert "the rejection is final" in page and "went back to the workspace" in page


@pytest.mark.parametrize(
    ("broken", "words"),
    [(True, "the rule was broken."), (False, "the rule was not broken. Your answer is accepted")],
)
def test_the_outcome_and_its_note_are_shown(
    workspace_a: Tenant,
    ada: Annotator,
    browser: Client,
    answer: uuid.UUID,
    broken: bool,
    words: str,
) -> None:
    rejected(answer, workspace_a)
    appealed(answer, workspace_a, ada.user.pk)
    decide(answer, broken=broken)
    page = page_of(browser.get(at(ada, "decisions")))
    assert words in page and "The rule says so." in page
    assert ("went back to the workspace" in page) is broken


def test_nobody_decides_and_the_annotator_reads_that_it_is_paid(
    workspace_a: Tenant, ada: Annotator, browser: Client, answer: uuid.UUID
) -> None:
    rejected(answer, workspace_a)
    appealed(answer, workspace_a, ada.user.pk)
    pass_days(6)
    end_due()
    page = page_of(browser.get(at(ada, "decisions")))
    assert "Nobody decided your appeal until" in page and "$0.25, earned" in page


def test_answers_of_others_and_undecided_ones_are_missing(
    workspace_a: Tenant, annotators: list[Annotator], browser: Client, answer: uuid.UUID
) -> None:
    ada, ben = annotators[:2]
    theirs = answer_of(ben)
    rejected(theirs, workspace_a)
    for one in (theirs, answer, uuid.uuid4()):
        assert browser.get(at(ada, "decisions", one)).status_code == 404
        path = at(ada, "decisions", one, "appeal")
        assert browser.post(path, {"statement": STATEMENT}).status_code == 404
        assert browser.get(at(ada, "revise", one)).status_code == 404
        assert browser.post(at(ada, "revise", one), {"preference": "tie"}).status_code == 404


def test_an_answer_of_another_own_project_is_missing(
    workspace_a: Tenant, ada: Annotator, browser: Client, answer: uuid.UUID
) -> None:
    other = make_annotator(make_project(workspace_a), user=ada.user)
    rejected(answer, workspace_a)
    assert browser.get(at(other, "decisions", answer)).status_code == 404
    path = at(other, "decisions", answer, "appeal")
    assert browser.post(path, {"statement": STATEMENT}).status_code == 404
    assert browser.get(at(other, "decisions")).context["decisions"] == []


def test_an_answer_to_gold_looks_here_like_any_other(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    """It is never rejected or sent back, and its page is missing like that of an undecided answer for data."""
    ada = annotators[0]
    batch = make_batch(project, 1, plan=gold.PLAN)
    with planes.in_workspace(workspace_a.pk):
        item = Item.objects.get(batch=batch)
    gold.add_slots(batch, [gold.make_keyed(item)], Purpose.GOLD)
    answers = [answer_of(ada), answer_of(ada)]
    with planes.in_workspace(workspace_a.pk):
        assert set(Annotation.objects.values_list("purpose", flat=True)) == {"data", "gold"}
        keyed = Annotation.objects.get(purpose="gold").pk
    with pytest.raises(Refused, match="always paid"):
        send_back(keyed, workspace_a)
    with pytest.raises(Refused, match="always paid"):
        rejected(keyed, workspace_a)
    browser = browser_of(ada.user)
    for name in ("decisions", "revise"):
        seen = {browser.get(at(ada, name, one)).content for one in (*answers, uuid.uuid4())}
        assert len({re.sub(rb"[0-9a-f-]{36}|nonce=\"[^\"]*\"", b"", one) for one in seen}) == 1
    with planes.at_desk(ada.user.pk, workspace_a.pk, project.pk):
        assert items_of(ada.user.pk, answers) == {}


def test_home_names_what_is_to_be_done_until_when(
    workspace_a: Tenant, ada: Annotator, browser: Client, answer: uuid.UUID
) -> None:
    def home() -> str:
        return page_of(browser.get("/work/"))

    assert "What needs you now" not in home()
    second = answer_of(ada)
    rejected(answer, workspace_a)
    send_back(second, workspace_a)
    page = home()
    assert "What needs you now" in page
    assert "1 answer sent back: revise it until" in page
    assert "1 answer rejected: you can appeal until" in page
    appealed(answer, workspace_a, ada.user.pk)
    assert "you can appeal" not in home() and "revise it until" in home()
    pass_days(4)
    assert "What needs you now" not in home()
