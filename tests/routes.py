"""Every URL of the site, a row for each of its methods. A URL without a row fails the build (tests/test_routes.py).

A row states who gets which status, what body is sent, whether a list is shown and at what cost, and which screenshots
are taken. All tests that go through every URL read it: the walls (tests/security), the lists and their statements
(tests/pages, tests/api), the screenshots (tests/browser). tests/row.py describes the columns.

A row states the status for the identities it names when the URL's ids are their own. The group that the row is in
(MEMBER_PAGES, DESK_PAGES ...) states it for everybody else, and for ids that are another's or missing.
"""

from typing import Any

from tests import bodies
from tests.identities import (
    ANNOTATOR,
    ANONYMOUS,
    ATTESTING,
    CALIBRATING,
    HARD,
    NEWCOMER,
    NOT_PASSED,
    OUTSIDER,
    OWNER,
    PASSWORDLESS,
    PAUSED,
    STAFF,
    STRANGER,
    UNREADY,
    VIEWER,
)
from tests.routes_of_money import EARNINGS, MONEY
from tests.routes_of_people import BEFORE_WORK, LISTING, OF_PEOPLE
from tests.routes_of_rest import DESK_API, WORKSPACE_API
from tests.routes_of_review import REVIEW
from tests.routes_of_stripe import STRIPE
from tests.row import (
    BY_HANDLER,
    DRAFT_BATCH,
    FUNDED_BATCH,
    TURNED,
    Row,
    account,
    desk,
    for_all,
    look,
    page,
    signed_in,
)

# A part of a page, fetched by htmx: the screenshots of its page show it.
PART: dict[str, Any] = {"htmx": True, "unseen": "a part of its page"}

# A table: each row on as few lines as it takes.
# fmt: off
MEMBER_PAGES = (
    page("workspace", "GET", 200, 200, statements=20, lists=TURNED,
         looks=(look("workspace"), look("foreign", slug="nothing-here"))),
    page("members", "GET", 200, 200, statements=10, looks=(look("members"),),
         lists=TURNED | {"invited": "invitations"}),
    page("members", "POST", 200, 403, body=bodies.new_member),
    page("keys", "GET", 200, 403, statements=11, looks=(look("keys"),),
         lists=TURNED | {"tokens": "panels.tokens"}),
    page("keys", "POST", 200, 403, body=bodies.new_key),
    page("project_new", "GET", 200, 403, single="a form", looks=(look("project-new"),)),
    page("project_new", "POST", 422, 403, body=lambda s: {"name": ""}),
    page("project", "GET", 200, 200, statements=40, lists=TURNED | {"people": "people"},
         looks=(look("project"), look("project-empty", project_id="empty"),
                look("project-hard", project_id="hard_project"),
                look("project-poor", project_id="quality_poor"))),
    page("project", "POST", 303, 403, body=lambda s: {"name": "new"}, **BY_HANDLER),
    page("project_agreement", "GET", 200, 200, statements=21, **PART),
    page("project_items", "GET", 200, 200, statements=19, lists=TURNED,
         looks=(look("items"), look("items-empty", project_id="empty"),
                look("items-hard", project_id="hard_project"))),
    page("project_items", "POST", 303, 403, body=lambda s: {"keys": "language"}, **BY_HANDLER),
    page("item", "GET", 200, 200, single="one item, as many answers as it has slots",
         looks=tuple(look(name.replace("_", "-"), item_id=name)
                     for name in ("item", "item_returned", "item_hard", "item_imported", "item_adjudicated"))),
    page("project_quality", "GET", 200, 200, statements=34, lists=TURNED,
         looks=(look("quality"), look("quality-empty", project_id="empty"),
                look("quality-poor", project_id="quality_poor"),
                look("quality-good", project_id="quality_good"),
                look("quality-asking", project_id="asking"))),
    page("project_alerts", "GET", 200, 200, statements=18, lists=TURNED,
         looks=(look("alerts"), look("alerts-empty", project_id="empty"))),
    page("alert", "GET", 200, 200, statements=23, lists=TURNED,
         looks=(look("alert"), look("alert-decided", alert_id="alert_decided"),
                look("alert-copies", alert_id="alert_copies"),
                look("alert-pair", alert_id="alert_pair"),
                look("alert-pasted", alert_id="alert_pasted"),
                look("alert-speed", alert_id="alert_speed"),
                look("alert-moved", alert_id="alert_moved"))),
    page("alert_decide", "POST", 303, 403,
         body=lambda s: {"verdict": "uphold", "note": "Rule R1.", "flag_answers": "on"}),
    page("project_watch", "POST", 303, 403, body=lambda s: {"on_alarm": "swap"}),
    page("annotator_quality", "GET", 200, 200, single="one annotator, by figures",
         looks=(look("annotator-quality"),
                look("annotator-differs", project_id="quality_poor", pseudonym="who_differs"))),
    page("right_answer", "POST", 303, 403, body=bodies.right_answer_form),
    page("keyed_items", "GET", 200, 403, statements=21, lists=TURNED,
         looks=(look("keyed-items"), look("keyed-items-asking", project_id="asking"))),
    page("expert", "GET", 200, 403, single="one item",
         looks=(look("expert"), look("expert-empty", project_id="empty"))),
    page("expert_answer", "POST", 303, 403, body=bodies.right_answer_form),
    page("keyed_import", "POST", 303, 403, body=bodies.pasted_key),
    page("keyed_item", "GET", 200, 403, single="one item", ids={"item_id": "keyed_item"},
         looks=(look("keyed-item", item_id="keyed_item"),)),
    page("key_retire", "POST", 303, 403, body=lambda s: {"because": "It is wrong."}),
    page("key_restore", "POST", 303, 403),
    page("enrollments", "GET", 200, 200, statements=12, lists=TURNED, looks=(look("enrollments"),)),
    page("enrollment", "GET", 200, 200, single="fifty changes at most",
         looks=(look("enrollment-paused", project_id="paused_in", pseudonym="paused"),)),
    page("enrollment", "POST", 303, 403, body=bodies.pause, **BY_HANDLER),
    page("calibration", "GET", 200, 200, statements=14, lists=TURNED,
         looks=(look("calibration", project_id="asking"), look("uncalibrated", project_id="empty"))),
    page("calibration", "POST", 303, 403, body=lambda s: {"calibration": "none"}, **BY_HANDLER),
    page("round_new", "GET", 200, 403, single="a form", looks=(look("round-new", project_id="asking"),)),
    page("round_new", "POST", 422, 403, body=lambda s: {"items": ""}),
    page("round", "GET", 200, 200, single="one round, of at most 75 attempts",
         looks=(look("round"), look("round-draft", round_id="draft_round"))),
    page("round_fund", "POST", 303, 403, body=lambda s: {"agreed_minor": "0"},
         ids={"round_id": "draft_round"}),
    page("round_close", "POST", 303, 403),
    page("round_override", "POST", 303, 403, body=bodies.override),
    page("round_guideline", "POST", 303, 403),
    *LISTING,
    page("guidelines", "GET", 200, 200, statements=15, lists=TURNED,
         looks=(look("guidelines"), look("guidelines-empty", project_id="empty"))),
    page("guidelines", "POST", 303, 403, body=lambda s: {"text": "new", "change": "minor"}, **BY_HANDLER),
    *REVIEW,
    page("exports", "GET", 200, 200, statements=15, lists=TURNED,
         looks=(look("exports"), look("exports-empty", project_id="empty"))),
    page("exports", "POST", 303, 403, body=lambda s: {"dataset": "dpo"}, **BY_HANDLER),
    page("export_download", "GET", 200, 403, single="one file", unseen="a file"),
    page("batch", "GET", 200, 200, statements=28,
         looks=tuple(look(f"batch-{state}", batch_id=state)
                     for state in ("draft", "imported", "funded", "open", "closed"))),
    page("batch_progress", "GET", 200, 200, single="one batch, by figures", **PART),
    page("batch_import", "POST", 303, 403, body=bodies.pasted, **DRAFT_BATCH),
    page("batch_fund", "POST", 303, 403, body=bodies.agreed_cost, **DRAFT_BATCH),
    page("batch_more_answers", "POST", 303, 403, body=bodies.more_to_its_item),
    page("batch_top_up", "POST", 303, 403, body=lambda s: {"slots": "1"}),
    page("more_answers", "POST", 303, 403, body=lambda s: {"answers": "1"}),
    page("fund_progress", "GET", 200, 200, single="one batch, by figures", **PART),
    page("batch_plan", "POST", 303, 403, body=bodies.plan, **DRAFT_BATCH),
    page("batch_open", "POST", 303, 403, **FUNDED_BATCH),
    page("batch_pause", "POST", 303, 403),
    page("batch_close", "POST", 303, 403),
    *MONEY,
)

DESK_PAGES = (
    desk("desk", "GET", 200, single="one item", statements=10,
         looks=(look("desk", ANNOTATOR), look("desk-hard", HARD), look("desk-empty", NEWCOMER),
                look("desk-calibrating", CALIBRATING), look("desk-not-passed", NOT_PASSED))),
    desk("desk_kept", "GET", 200, single="the newest fifty",
         looks=(look("drafts", ANNOTATOR), look("drafts-hard", HARD), look("drafts-empty", NEWCOMER))),
    desk("earnings_in", "GET", 200, statements=14, lists={"cursor": ""},
         looks=(look("earnings-project", ANNOTATOR),)),
    desk("how_i_do", "GET", 200, single="twenty alerts at most, and figures",
         looks=(look("how-i-do", ANNOTATOR), look("how-i-do-empty", NEWCOMER))),
    desk("alert_reply", "POST", 303, body=lambda s: {"reply": "The texts were harder."}),
    desk("own_decisions", "GET", 200, statements=12, lists=TURNED,
         looks=(look("own-decisions", ANNOTATOR), look("own-decisions-empty", NEWCOMER))),
    desk("own_decision", "GET", 200, single="one answer", ids={"annotation_id": "rejected"},
         looks=(look("own-decision", ANNOTATOR, annotation_id="rejected"),)),
    desk("own_appeal", "POST", 303, ids={"annotation_id": "rejected"},
         body=lambda s: {"statement": "I followed the rule."}),
    desk("own_revise", "GET", 200, single="one answer", ids={"annotation_id": "returned"},
         looks=(look("own-revise", ANNOTATOR, annotation_id="returned"),
                look("own-revised", ANNOTATOR, annotation_id="revised"))),
    desk("own_revise", "POST", 303, ids={"annotation_id": "returned"}, body=bodies.choice_form),
    desk("own_enrollment", "GET", 200, single="fifty changes at most",
         looks=(look("own-enrollment", ANNOTATOR), look("own-enrollment-paused", PAUSED))),
    desk("own_unanswered", "GET", 200, statements=10, lists=TURNED, looks=(look("own-unanswered", ANNOTATOR),)),
    desk("own_enrollment_leave", "POST", 303), desk("own_enrollment_rejoin", "POST", 303),
    desk("own_enrollment_reply", "POST", 422, body=lambda s: {"text": "I followed rule R1."}),
    desk("guideline", "GET", 200, single="one version",
         looks=(look("work-guideline", ANNOTATOR), look("work-guideline-hard", HARD),
                look("work-guideline-attesting", ATTESTING))),
    *BEFORE_WORK,
    desk("guideline", "POST", 303, body=lambda s: {"guideline_version": "1"}),
    desk("calibration_feedback", "GET", 200, single="one attempt",
         looks=(look("calibration-feedback", NOT_PASSED), look("not-asked", ANNOTATOR))),
    desk("calibration_retake", "POST", 303),
    desk("desk_submit", "POST", 303, body=bodies.choice_form, statements=18),
    desk("desk_return", "POST", 303, body=lambda s: {"reason": "unclear"}),
    desk("desk_draft", "POST", 204, body=bodies.choice_form),
)

SIGNED_IN_PAGES = (
    signed_in("workspace_new", "GET", 200, single="a form", looks=(look("workspace-new"),)),
    signed_in("workspace_new", "POST", 422, body=lambda s: {"name": ""}),
    signed_in("reading", "POST", 303, body=lambda s: {"reading": "raw"}),
    *OF_PEOPLE,
    *EARNINGS,
    signed_in("tokens", "GET", 200, statements=6, lists={"cursor": ""},
              looks=(look("tokens", ANNOTATOR), look("tokens-hard", HARD),
                     look("tokens-nowhere", OUTSIDER))),
    signed_in("notices", "GET", 200, statements=6, lists={"cursor": "listing"},
              looks=(look("notices", ANNOTATOR), look("notices-empty", OUTSIDER))),
    signed_in("notices", "POST", 303, body=bodies.its_notice),
    signed_in("notice_settings", "GET", 200, single="a row a topic", looks=(look("notice-settings"),)),
    signed_in("notice_settings", "POST", 303, body=lambda s: {"alerts": "daily"}),
    Row("notice", "GET", dict.fromkeys((OWNER, VIEWER, STRANGER, STAFF), 404) | {ANNOTATOR: 302},
        single="one notice", unseen="a redirect to where the notice leads"),
    # Only an annotator of the workspace can choose it.
    Row("tokens", "POST", {OWNER: 422, VIEWER: 422, STRANGER: 422, ANNOTATOR: 200, STAFF: 422},
        body=bodies.new_token),
)

NO_PAGE = {"single": "of no rows", "unseen": "for machines"}
OPEN_TO_ALL = (
    for_all("live", **NO_PAGE),
    for_all("ready", **NO_PAGE),
    for_all("work_health", **NO_PAGE),
    for_all("home", statements=8, lists=TURNED, looks=(look("home", ANONYMOUS), look("workspaces"))),
    for_all("terms", single="three documents", looks=(look("terms", ANNOTATOR), look("terms-unready", UNREADY))),
    for_all("api_schema", **NO_PAGE),
    for_all("api_docs", single="of no rows", unseen="a package's page: test_pages.py opens it"),
    # Whoever has the link sees which workspace invites; accepting asks for its address.
    for_all("invitation", single="one invitation",
            looks=(look("invitation", ANONYMOUS),
                   look("invitation-over", ANONYMOUS, token="nothing"))),
    for_all("invitation", "POST"),
    # Whoever has the link of a mail.
    for_all("unsubscribe", single="the topics of one mail", looks=(look("unsubscribe", ANONYMOUS),)),
    for_all("unsubscribe", "POST"),
    *STRIPE,
)

ACCOUNT_PAGES = (
    account("account_login", 200, 302, looks=(look("login", ANONYMOUS),)),
    account("account_logout", 302, 200, looks=(look("account-logout"),)),
    account("account_inactive", 200, 200, looks=(look("account-inactive", ANONYMOUS),)),
    account("account_signup", 200, 302, looks=(look("signup", ANONYMOUS),)),
    account("account_reauthenticate", 302, 200, looks=(look("account-reauthenticate"),)),
    account("account_email", 302, 200, single="at most ACCOUNT_MAX_EMAIL_ADDRESSES",
            looks=(look("account-email"),)),
    account("account_email_verification_sent", 200, 200,
            looks=(look("account-verification-sent", ANONYMOUS),)),
    account("account_change_password", 302, 200, looks=(look("account-password"),)),
    # Who has a password is redirected to the page that changes it.
    account("account_set_password", 302, 302, looks=(look("account-password-set", PASSWORDLESS),)),
    account("account_reset_password", 200, 200, looks=(look("password-reset", ANONYMOUS),)),
    account("account_confirm_login_code", 302, 302,
            unseen="always a redirect: nobody signs in by a code"),
    account("account_confirm_email", 200, 200,
            looks=(look("account-confirm-email", ANONYMOUS, key="confirmation_key"),
                   look("account-confirm-email-over", ANONYMOUS, key="nothing"))),
    account("account_reset_password_from_key", 200, 200,
            looks=(look("password-new", ANONYMOUS, uidb36="reset_uid", key="reset_key"),
                   look("password-new-over", ANONYMOUS, uidb36="1", key="nothing"))),
    account("account_reset_password_from_key_done", 200, 200,
            looks=(look("password-new-done", ANONYMOUS),)),
    account("account_reset_password_done", 200, 200, looks=(look("password-reset-done", ANONYMOUS),)),
)

# fmt: on

# The staff's site: the status of a URL by the ending of its name, or by its whole name.
_SHOWN = (
    "_changelist",
    "_change",
    "_history",
    "_decide",
    "_allow",
    "_reverse",
    "_transfer",
    "_refuse",
    "_book",
    "_take_back",
)
ADMIN_BY_ENDING = {**dict.fromkeys(_SHOWN, 200), "_add": 403, "_delete": 403}
ADMIN_BY_NAME = {
    "index": 200,
    "queue": 200,
    "search": 200,
    "login": 302,
    "billing_funding_funding_deposit": 200,
    "billing_stripe_inboundevent_replay_all": 200,
    "logout": 405,
    "password_change": 302,
    "password_change_done": 200,
    "autocomplete": 403,
    "jsi18n": 200,
    "view_on_site": 404,
    "app_list": 200,
}
ADMIN_UNNAMED = 2  # a redirect from <id>/ to <id>/change/, and the catch-all

PAGES = (*MEMBER_PAGES, *DESK_PAGES, *SIGNED_IN_PAGES, *OPEN_TO_ALL, *ACCOUNT_PAGES)
REST = (*WORKSPACE_API, *DESK_API)
ROWS = (*PAGES, *REST)


def row_of(name: str, method: str = "GET") -> Row:
    """Return the row of this URL and method."""
    return next(row for row in ROWS if (row.name, row.method) == (name, method))
