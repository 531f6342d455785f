"""The rows of `tests/routes.py` about what people tell of themselves, and read before they join a project."""

from tests import bodies
from tests.identities import (
    ANNOTATOR,
    HARD,
    NEWCOMER,
    NOT_PASSED,
    OWNER,
    STAFF,
    STRANGER,
    UNREADY,
    VIEWER,
)
from tests.routes_of_recipients import RECIPIENTS
from tests.row import Row, desk, look, page, signed_in

# A table: each row on as few lines as it takes.
# fmt: off

OF_PEOPLE = (
    signed_in("side", "POST", 303, body=lambda s: {"side": "give"}),
    signed_in("profile", "GET", 200, single="one person",
              looks=(look("profile", ANNOTATOR), look("profile-unready", UNREADY))),
    signed_in("profile", "POST", 303, body=lambda s: {"is_adult": "on", "country": "PT"}),
    signed_in("accept_terms", "POST", 303, body=bodies.terms_form),
    *RECIPIENTS,
    # The workspace's own unpaid project: its members may join, and read about it before.
    Row("listing", "GET", {OWNER: 200, VIEWER: 200, STRANGER: 404, ANNOTATOR: 404, STAFF: 404},
        ids={"project_id": "unpaid"}, single="one project",
        looks=(look("listing", NEWCOMER, project_id="portuguese"), look("listing-unready", UNREADY))),
    signed_in("work_home", "GET", 200, statements=15, lists={"cursor": ""},
              looks=(look("work", ANNOTATOR), look("work-hard", HARD), look("work-unready", UNREADY),
                     look("work-not-passed", NOT_PASSED))),
    # The workspace's own unpaid project: its members may join.
    Row("join", "POST", {OWNER: 303, VIEWER: 303, STRANGER: 404, ANNOTATOR: 404, STAFF: 404},
        ids={"project_id": "unpaid"}),
)

BEFORE_WORK = (
    # Who lacks nothing goes on to the desk.
    desk("before_work", "GET", 303, single="one project", looks=(look("before-work", UNREADY),)),
    desk("before_work", "POST", 303),
)

LISTING = (
    page("project_listing", "GET", 200, 200, single="one project, and three examples at most",
         looks=(look("listing-of-project"),)),
    page("project_listing", "POST", 303, 403, role_first=False,
         body=lambda s: {"action": "asks", "languages_need": "any", "domains_need": "all", "domains": "law"}),
)
