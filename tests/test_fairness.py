"""What annotators can rely on, and the tests that hold it. A guarantee whose test is gone fails here."""

from importlib import import_module

import pytest

HELD_BY = {
    "form, price, time limit and overlap are frozen when a batch is funded": (
        "tests.funding.test_overlap_plan.test_terms_are_null_until_funding_freezes_the_projects",
        "tests.work.test_terms.test_a_form_made_since_is_not_that_of_a_funded_batch",
    ),
    "what a project asks for later changes no live lease": (
        "tests.enrollment.test_eligibility.test_what_changed_holds_from_the_next_lease_on",
        "tests.work.test_terms.test_a_paused_batch_gives_no_leases_and_takes_what_was_leased",
        "tests.enrollment.test_states.test_a_pause_says_why_and_the_lease_runs_to_its_end",
    ),
    "calibration is paid, and so is an answer after its verdict": (
        "tests.calibration.test_pass_rule.test_answers_after_the_verdict_are_paid_and_marked_and_not_counted",
    ),
    "returning an item costs nothing": (
        "tests.pages.test_desk.test_returning_costs_nothing_and_brings_another",
    ),
    "a rejection names a coded reason, the rule that was broken, and says why": (
        "tests.review.test_rejections.test_a_rejection_needs_a_reason_a_rule_and_words",
    ),
    "to differ from others neither rejects nor makes the others agree more": (
        "tests.quality.test_rejected_minority.test_rejecting_a_minority_leaves_the_headline_as_it_is",
    ),
    "rejected work is on hold, not in exports, and another is asked": (
        "tests.review.test_rejections.test_the_money_is_on_hold_and_another_slot_is_made",
        "tests.exports.test_changed_since.test_a_later_rejection_and_a_later_overturn_mark_it",
    ),
    "an appeal asks about the rule, and is decided outside the workspace": (
        "tests.browser.test_rejection_walk.test_from_a_rejection_to_the_pay_after_an_appeal",
        "tests.review.test_rejections.test_the_owner_of_a_workspace_of_one_cannot_decide_the_appeal",
        "tests.review.test_decided_appeals.test_whoever_is_first_decides_and_the_other_is_paid",
    ),
    "an appeal that nobody decides is paid": (
        "tests.review.test_rejections.test_an_appeal_that_nobody_decides_is_paid",
    ),
    "work that nobody reviews is accepted by the clock": (
        "tests.journey.test_clock.test_unreviewed_work_is_accepted_by_the_clock_and_paid",
        "tests.review.test_rejections.test_the_clock_rejects_nothing_and_no_clock_accepts_rejected_work",
    ),
    "no rule pauses or ends anybody": (
        "tests.enrollment.test_by_person.test_no_rule_pauses_or_ends_an_enrollment",
    ),
    "a rule may replace main work by a recalibration until a person decides, and else lifts itself": (
        "tests.quality.test_alerts.test_main_work_is_replaced_when_the_annotator_is_told_and_given_back",
        "tests.quality.test_alerts.test_without_a_decision_it_lifts_itself",
    ),
    "who leaves or is sent away keeps what they earned, and can revise and appeal": (
        "tests.enrollment.test_states.test_who_leaves_loses_nothing_and_may_come_back",
        "tests.enrollment.test_states.test_whose_enrollment_has_ended_submits_revises_and_appeals_and_is_paid",
    ),
    "guidelines, pay and an example are readable before joining, and who cannot be paid is told": (
        "tests.enrollment.test_listing.test_everything_is_readable_before_joining",
        "tests.browser.test_newcomer.test_who_lives_where_nobody_can_be_paid_is_told_before_working",
    ),
    "the market shows how a workspace decides": (
        "tests.review.test_record.test_a_record_is_counted_and_shown_to_everybody",
    ),
    "annotators see what is measured about them": (
        "tests.work.test_pasted.test_the_page_says_what_is_measured",
        "tests.quality.test_gold_figures.test_annotators_see_whole_tens_of_the_days_before",
    ),
}


@pytest.mark.parametrize("guarantee", HELD_BY)
def test_each_guarantee_has_its_test(guarantee: str) -> None:
    for path in HELD_BY[guarantee]:
        module, _, name = path.rpartition(".")
        assert callable(getattr(import_module(module), name, None)), path
