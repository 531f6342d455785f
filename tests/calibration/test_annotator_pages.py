"""What annotators see of their calibration: at the desk, on their home, and in the feedback."""

import re
from collections.abc import Callable

from projects.calibration.services import attempts
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests.calibration import acts, made
from tests.calibration.acts import a_day_passes
from tests.calibration.reading import text_of
from tests.factories import make_batch, publish_guidelines
from tests.pages.conftest import browser_of
from tests.people import Annotator, make_annotator

Deliver = Callable[[], int]


def failed(asking: Project, deliver: Deliver) -> Annotator:
    annotator = make_annotator(asking, "Ben")
    made.answer(annotator, made.wrong)
    deliver()
    return annotator


def home_of(annotator: Annotator) -> str:
    return text_of(browser_of(annotator.user).get("/work/"))


def test_the_desk_says_how_far_and_nothing_of_hits(asking: Project, deliver: Deliver) -> None:
    annotator = make_annotator(asking, "Ada")
    browser, desk = browser_of(annotator.user), f"/work/{annotator.enrollment.pk}/"
    assert "Calibration has not begun" in text_of(browser.get(desk))
    made.open_round(asking)
    made.answer(annotator, made.right, most=2)
    deliver()
    page = text_of(browser.get(desk))
    assert 'Calibration, paid: <span class="strong">2</span> done, at most 20.' in page
    assert "You may return 2 items; each further one counts as a wrong answer." in page
    own = text_of(browser.get(f"{desk}calibration/"))
    assert "2 done, at most 20" in own
    assert "If you give no answer for 7 days, others can have your seat." in own
    assert "right" not in own.split("Where you stand")[1].split("</section>")[0].replace(
        "copyright", ""
    )


def test_who_failed_sees_why_and_tries_again(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking, wait_hours=0)
    annotator = failed(asking, deliver)
    browser, desk = browser_of(annotator.user), f"/work/{annotator.enrollment.pk}/"
    assert "You can try again" in text_of(browser.get(desk))
    page = text_of(browser.get(f"{desk}calibration/"))
    assert page.count('badge badge-warn">wrong') == made.ITEMS
    assert "0 of" in page and "Right is" in page and "So." in page
    assert '<p class="muted" dir="auto">Why, in one or two sentences?</p>' in page
    began = browser.post(f"{desk}calibration/retake/")
    assert (began.status_code, began["Location"]) == (303, desk)
    assert "0</span> done" in text_of(browser.get(desk))
    assert browser.post(f"{desk}calibration/retake/").status_code == 303, "asking twice"


def test_before_the_wait_is_over_the_button_waits(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking, wait_hours=24)
    annotator = failed(asking, deliver)
    browser, desk = browser_of(annotator.user), f"/work/{annotator.enrollment.pk}/"
    assert "You did not pass this time" in text_of(browser.get(desk))
    page = text_of(browser.get(f"{desk}calibration/"))
    assert "Begin another attempt" not in page
    refused = browser.post(f"{desk}calibration/retake/", follow=True)
    assert "waiting time" in text_of(refused)


def test_the_home_page_says_what_one_can_do(asking: Project, deliver: Deliver) -> None:
    waiting, other = make_annotator(asking, "Ada"), make_annotator(asking, "Cy")
    assert "When one opens, you begin at once." in home_of(waiting)
    made.open_round(asking, wait_hours=1, seats=2)
    assert "Go on with calibration" in home_of(waiting)
    made.answer(waiting, made.wrong)
    deliver()
    assert re.search(
        r"You can try again from <time [^>]*>[0-9]+ [A-Z][a-z]+ [0-9]+, [0-9:]+ UTC</time>",
        home_of(waiting),
    )
    a_day_passes()
    assert "See why, and try again" in home_of(waiting)
    acts.retake(waiting)
    made.answer(other, made.wrong)
    deliver()
    a_day_passes()
    assert "no further attempt is open to you now" in home_of(other), "the only seat is taken"
    own = text_of(browser_of(other.user).get(f"/work/{other.enrollment.pk}/calibration/"))
    assert "No further attempt is open to you now." in own and "Begin another" not in own
    desk = text_of(browser_of(other.user).get(f"/work/{other.enrollment.pk}/"))
    assert "No further attempt is open to you" in desk


def test_a_minor_version_is_not_accepted_by_who_has_not_read_it(
    asking: Project, deliver: Deliver
) -> None:
    made.open_round(asking)
    annotator = make_annotator(asking, "Ada")
    page, browser = f"/work/{annotator.enrollment.pk}/guideline/", browser_of(annotator.user)
    assert "version 1, accepted by you" in text_of(browser.get(page))
    publish_guidelines(asking, "# Be fair\n\nRead both, please.", "minor")
    assert annotator.lease() is not None, "they go on under the new version"
    shown = text_of(browser.get(page))
    assert "accepted by you" not in shown.split("</h1>")[1].split("</p>")[0]
    assert "its rules are those that you accepted" in shown
    browser.post(page, {"guideline_version": "2"})
    assert "version 2, accepted by you" in text_of(browser.get(page))


def returned(annotator: Annotator) -> None:
    lease = annotator.lease()
    assert lease is not None
    to = f"/work/{annotator.enrollment.pk}/leases/{lease['id']}/return/"
    assert browser_of(annotator.user).post(to, {"reason": "unclear"}).status_code == 303


def test_the_desk_counts_the_free_returns_down(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = make_annotator(asking, "Ada")
    browser, desk = browser_of(annotator.user), f"/work/{annotator.enrollment.pk}/"
    assert "a few items of each attempt may be returned" in text_of(
        browser.get(f"{desk}guideline/")
    )
    page = text_of(browser.get(desk))
    assert "Of the 2 free returns of this attempt 2 are left" in page
    returned(annotator)
    page = text_of(browser.get(desk))
    assert "You may return 1 more item; each further one counts as a wrong answer." in page
    assert "each further one in this attempt counts as a wrong answer" in page
    returned(annotator)
    page = text_of(browser.get(desk))
    assert "You have returned 2 items: each further one counts as a wrong answer." in page
    assert "This return counts as a wrong answer." in page
    assert "costs you nothing" not in page
    own = annotator.client.get(f"/api/v1/desk/enrollments/{annotator.enrollment.pk}/calibration/")
    running = own.json()["attempts"][-1]
    assert (running["returned"], running["returns_left"]) == (2, 0)


def test_an_item_of_main_work_held_while_calibrating_is_returned_at_no_cost(
    asking: Project, deliver: Deliver
) -> None:
    made.open_round(asking)
    annotator = acts.passed(asking, deliver)
    make_batch(asking, 2)
    assert annotator.lease() is not None
    made.make_pool(asking, 2 * made.ITEMS, first=101)
    made.open_round(asking)
    with planes.in_workspace(asking.workspace_id):
        attempts.recalibrate(enrollment_id=annotator.enrollment.pk, why="An alert.")
    page = text_of(browser_of(annotator.user).get(f"/work/{annotator.enrollment.pk}/"))
    assert "This costs you nothing and is not counted against you." in page
    assert "desk-calibration" not in page


def test_who_passed_is_told_so_and_what_main_work_waits_for(
    asking: Project, deliver: Deliver
) -> None:
    made.open_round(asking, needed=2)
    annotator = acts.passed(asking, deliver)
    browser, desk = browser_of(annotator.user), f"/work/{annotator.enrollment.pk}/"
    page = text_of(browser.get(desk))
    assert "You passed" in page and "They can be opened when 1 more annotator has passed." in page
    assert f'href="{desk}calibration/"' in page
    acts.passed(asking, deliver, "Bo")
    assert "The project has not opened any yet." in text_of(browser.get(desk))
    make_batch(asking, 1)
    made.answer(annotator, made.always(0))
    page = text_of(browser.get(desk))
    assert "Nothing waits for you here" in page and "You passed" not in page
    assert f'href="{desk}calibration/"' in page
