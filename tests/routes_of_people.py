"""The rows of `tests/routes.py` about what people tell of themselves, and read before they join a project."""

from tests.identities import ANNOTATOR, NEWCOMER, OWNER, STAFF, STRANGER, UNREADY, VIEWER
from tests.row import Row, look, signed_in

# A table: each row on as few lines as it takes.
# fmt: off

OF_PEOPLE = (
    signed_in("side", "POST", 303, body=lambda s: {"side": "give"}),
    signed_in("profile", "GET", 200, single="one person",
              looks=(look("profile", ANNOTATOR), look("profile-unready", UNREADY))),
    signed_in("profile", "POST", 303, body=lambda s: {"is_adult": "on", "country": "PT"}),
    signed_in("accept_terms", "POST", 303, body=lambda s: {"number": "1"}),
    # The workspace's own unpaid project: its members may join, and read about it before.
    Row("listing", "GET", {OWNER: 200, VIEWER: 200, STRANGER: 404, ANNOTATOR: 404, STAFF: 404},
        ids={"project_id": "unpaid"}, single="one project",
        looks=(look("listing", NEWCOMER, project_id="portuguese"), look("listing-unready", UNREADY))),
)
