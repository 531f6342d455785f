"""The rows of `tests/routes.py` about review: the queue, bulk accepts, samples, decisions and final answers."""

from tests import bodies
from tests.row import BY_HANDLER, TURNED, look, page

# A table: each row on as few lines as it takes.
# fmt: off
REVIEW = (
    page("review", "GET", 200, 200, statements=21, lists={"cursor": ""},
         looks=(look("review"), look("review-hard", project_id="hard_project"),
                look("review-empty", project_id="empty"))),
    page("review", "POST", 303, 403, body=lambda s: {"annotation": bodies.waiting(s)},
         **BY_HANDLER),
    page("review_accept", "POST", 303, 403, ids={"annotation_id": "unreturned"}),
    page("bulk_undo", "POST", 303, 403),
    page("samples", "GET", 200, 200, statements=14, lists=TURNED,
         looks=(look("samples"), look("samples-empty", project_id="empty"))),
    page("sample_draw", "POST", 303, 403, body=bodies.sample_form),
    page("sample", "GET", 200, 200, single="one sample, by annotators",
         looks=(look("sample"), look("sample-checked", sample_id="sample_checked"))),
    page("sample_more", "POST", 303, 403),
    page("sample_accept", "POST", 303, 403),
    page("review_one", "GET", 200, 200, single="one annotation",
         looks=(look("review-one", annotation_id="answer"),
                look("review-one-hard", project_id="hard_project", annotation_id="answer_hard"))),
    page("review_return", "POST", 303, 403, body=lambda s: {"note": "See rule R1, please."},
         ids={"annotation_id": "unreturned"}),
    page("review_reject", "POST", 303, 403, body=bodies.rejection),
    page("rejections", "GET", 200, 200, statements=17, lists=TURNED, looks=(look("rejections"),)),
    page("paid_review", "GET", 200, 403, single="a form", looks=(look("paid-review", batch_id="open"),)),
    page("paid_review", "POST", 303, 403, body=bodies.paid_review),
    page("final_answer", "GET", 200, 403, single="one item, as many answers as it has slots",
         looks=(look("final-answer", item_id="item_adjudicated"), look("final-answer-hard", item_id="item_hard"))),
    page("final_answer", "POST", 303, 403, body=bodies.final_answer_form),
    page("withdraw_final_answer", "POST", 303, 403, ids={"item_id": "adjudicated"},
         body=lambda s: {"note": "It was a mistake.", "seen": "1"}),
)
# fmt: on
