"""Every SECURITY DEFINER function that a plane may call, with arguments that fit."""

from rlhfhub.tenancy.planes import Plane

CALIBRATES = {
    "door_calibrate(gen_random_uuid(), 'alert')",
    "door_uncalibrate(gen_random_uuid(), 'x', NULL)",
    "door_calibration_waiting(NULL, false, 9)",
    "door_calibration_obstacle(gen_random_uuid())",
}
# Of the annotator who calls them.
OWN = {
    "door_may_take(gen_random_uuid(), gen_random_uuid())",
    "door_calibration_attempts(gen_random_uuid())",
    "door_calibration_awaited(gen_random_uuid())",
    "door_calibration_begin(gen_random_uuid(), false)",
    "door_calibration_feedback(gen_random_uuid())",
    "door_calibration_steps(gen_random_uuid(), '{}')",
    "door_calibration_unmarked(gen_random_uuid())",
    "door_own_gold(gen_random_uuid(), gen_random_uuid())",
    "door_own_outcomes(gen_random_uuid(), '{}')",
    "door_own_items(gen_random_uuid(), '{}')",
    "door_own_held(gen_random_uuid())",
    "door_reading(gen_random_uuid(), gen_random_uuid())",
    "door_own_bonuses(gen_random_uuid(), '{}', 9)",
    "door_mail_preferences(gen_random_uuid())",
    "door_prefer_mails(gen_random_uuid(), 'alerts', 'off')",
    "door_quiet_hours(gen_random_uuid())",
    "door_be_quiet(gen_random_uuid(), 1, 2, 'UTC')",
    "door_end_quiet(gen_random_uuid())",
}
TELL = "door_tell(NULL, gen_random_uuid(), 'x', 'alerts', 'x', '{}', 0)"
TELL_LEADERS = "door_tell_leaders(gen_random_uuid(), 'x', 'alerts', 'x', '{}', 0)"
NOTICES = {TELL, "door_read_notices(gen_random_uuid(), NULL, '{}', NULL)"}
FUNCTIONS = {
    *CALIBRATES,
    *OWN,
    *NOTICES,
    TELL_LEADERS,
    "door_notices(gen_random_uuid(), NULL, NULL, false, NULL, 9)",
    "door_unread_notices(gen_random_uuid(), 9)",
    "door_mail_invitation(gen_random_uuid())",
    "door_mail_address(gen_random_uuid())",
    "door_api_key('x')",
    "door_api_key_used(gen_random_uuid())",
    "door_desk_tokens(gen_random_uuid(), NULL, NULL, 9)",
    "door_desks(gen_random_uuid())",
    "door_memberships(gen_random_uuid(), NULL, 9)",
    "door_membership(gen_random_uuid(), 'x')",
    "door_invitation('x')",
    "door_own_enrollment(gen_random_uuid(), gen_random_uuid(), NULL)",
    "door_enrollments(gen_random_uuid(), NULL, NULL, NULL, 9)",
    "door_done(gen_random_uuid(), '{}')",
    "door_newest_answers(gen_random_uuid(), '{}', 9)",
    "door_pay(gen_random_uuid(), now(), now())",
    "door_pay_by_day(gen_random_uuid(), now())",
    "door_statement(gen_random_uuid(), 'infinity', gen_random_uuid(), 9)",
    "door_statement_line(gen_random_uuid(), gen_random_uuid())",
    "door_statement_days(gen_random_uuid(), now(), now(), 9)",
    "door_carriers(gen_random_uuid())",
    "door_earned(gen_random_uuid(), now(), now())",
    "door_paid_out(gen_random_uuid(), now(), now())",
    "door_earning_years(gen_random_uuid())",
    "door_own_needs(gen_random_uuid(), 9)",
    "door_listing(gen_random_uuid(), NULL, NULL, 9)",
    "door_examples(gen_random_uuid(), gen_random_uuid())",
    "door_measured_pay(gen_random_uuid(), '{}')",
}
STRIPE_EVENT = "door_stripe_event('platform', 'evt_1', 'x', '', '', '', now())"
RECORDS = "door_records('{}')"
MARKET = "door_market_record(20)"
FUNCTIONS |= {RECORDS, MARKET, STRIPE_EVENT}
# Called in the plane of the key that was used.
BEHIND_THE_DOOR = {
    Plane.WORKSPACE: {
        "door_api_key_used(gen_random_uuid())",
        "door_mail_invitation(gen_random_uuid())",
        MARKET,
        TELL,
        *CALIBRATES,
    },
    Plane.SYSTEM: {"door_mail_address(gen_random_uuid())", STRIPE_EVENT, TELL, *CALIBRATES},
    Plane.ANNOTATOR: {
        "door_api_key_used(gen_random_uuid())",
        *OWN,
        *NOTICES,
        TELL_LEADERS,
        RECORDS,
    },
}
