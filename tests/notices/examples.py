"""Data of each kind of notice, as the rooms tell it. A kind without an example fails a test."""

import uuid
from typing import Any

from annotators.profiles import notices as profiles
from billing.bonuses import notices as bonuses
from billing.deposits import notices as deposits
from billing.payouts import notices as payouts
from billing.readings import notices as readings
from billing.recipients import notices as recipients
from projects.calibration import notices as calibration
from projects.enrollment import notices as enrollment
from projects.enrollment import price_notices as prices
from projects.enrollment.states import notices as states
from projects.quality.alerts import notices as alerts
from projects.quality.pay import notices as pay
from projects.review import notices as review

ID = str(uuid.UUID(int=7))
_OWN: dict[str, Any] = {"project": "Essays", "enrollment_id": ID}
_ALERT = _OWN | {"kind": "gold", "state": "open", "by": "", "is_swapped": False}

_UNTIL = "2026-12-04T14:05:00+00:00"
_ANSWER = _OWN | {"annotation_id": ID, "is_paid": True}
_REVIEWED = {
    "project": "Essays",
    "is_paid": False,
    "project_id": ID,
    "slug": "lab",
    "annotation_id": ID,
    "item": "essay-7",
}
_LEFT_OUT = {
    "project": "Essays",
    "project_id": ID,
    "slug": "lab",
    "answers": 10,
    "is_stopped": False,
}
_DEPOSIT = {"workspace": "Lab", "slug": "lab", "deposit_id": ID, "amount": "540.00 USD"}
_ENDS = [
    {"verdict": "upheld", "by": "person"},
    {"verdict": "overturned", "by": "person"},
    {"verdict": "overturned", "by": "clock"},
    {"verdict": "lapsed", "by": "clock"},
]

EXAMPLES: dict[str, list[dict[str, Any]]] = {
    enrollment.CHANGED: [_OWN | {"number": 3, "is_major": is_major} for is_major in (True, False)],
    prices.CHANGED: [
        _OWN | {"price": "0.40 USD", "before": "0.25 USD", "because": because}
        for because in ("", "Longer texts.")
    ],
    bonuses.GIVEN: [
        _OWN | {"amount_minor": 500, "currency": "USD", "answers": answers, "reason": reason}
        for answers, reason in ((0, "Good notes on R2."), (12, ""))
    ]
    + [
        _OWN
        | {"amount_minor": 125, "currency": "USD", "answers": 0, "version": 2}
        | {"reason": "Reading the guidelines, version 2"}
    ],
    readings.EMPTY: [{"project": "Essays", "project_id": ID, "slug": "lab", "each": "1.25 USD"}],
    profiles.CHANGED: [
        {"number": 2, "changed": ["rights"]},
        {"number": 3, "changed": ["work", "confidentiality", "rights"]},
    ],
    states.CHANGED: [
        _OWN | {"to": to, "reason": "answers do not follow the guidelines"}
        for to in ("paused", "ended", "active")
    ],
    states.REPLIED: [
        {"project": "Essays", "pseudonym": "A-234567", "project_id": ID, "slug": "lab"}
    ],
    calibration.BEGUN: [_OWN | {"cause": cause} for cause in ("alert", "schedule", "joined")],
    calibration.ENDED: [
        _OWN | {"state": state, "was_idle": was_idle, "retake_at": retake_at}
        for state, was_idle, retake_at in (
            ("passed", False, None),
            ("failed", False, "2026-11-28T14:05:00+00:00"),
            ("failed", False, None),
            ("left", True, None),
            ("left", False, None),
        )
    ],
    alerts.WAITS: [
        {
            "project": "Essays",
            "slug": "lab",
            "alert_id": ID,
            "kind": kind,
            "is_of_one": kind != "moved",
            "lifts_at": "2026-11-28T14:05:00+00:00",
        }
        for kind in ("gold", "moved")
    ],
    alerts.TOLD: [_ALERT],
    alerts.DECIDED: [
        _ALERT | {"state": "upheld", "by": "person"},
        _ALERT | {"state": "lifted", "by": "person", "is_swapped": True},
        _ALERT | {"state": "lifted", "by": "clock"},
    ],
    payouts.SENT: [{"amount": "12.50 USD"}],
    payouts.FAILED: [{"amount": "12.50 USD"}],
    payouts.BANK_FAILED: [{"amount": "12.50 USD"}],
    payouts.TAKEN_BACK: [{"amount": "12.50 USD", "reason": "Sent to the wrong account."}],
    recipients.READY: [{"bank": "6789"}, {"bank": ""}],
    recipients.MISSING: [{"is_stopped": True}, {"is_stopped": False}],
    recipients.REFUSED: [{}],
    pay.BELOW: [
        {
            "project": "Essays",
            "project_id": ID,
            "slug": "lab",
            "answers": 1_000,
            "hourly": "5.00 USD",
            "least": "8.00 USD",
            "price": "0.40 USD",
        }
    ],
    deposits.PAID: [
        _DEPOSIT | {"received": "540.00 USD", "is_other": is_other} for is_other in (False, True)
    ],
    deposits.INVOICE: [
        _DEPOSIT | {"state": state, "number": "HUB-0042"}
        for state in ("overdue", "uncollectible", "void")
    ],
    deposits.FAILED: [_DEPOSIT | {"error": "The bank account was closed."}],
    deposits.REFUNDED: [
        _DEPOSIT | {"error": error} for error in ("", "Your bank did not take it.")
    ],
    deposits.DISPUTED: [
        _DEPOSIT | {"state": state, "disputed": "540.00 USD"}
        for state in ("open", "won", "lost", "appeal_won")
    ],
    review.RETURNED: [_ANSWER | {"until": _UNTIL}],
    review.REJECTED: [
        _ANSWER | {"reason": "copied", "rule": "R2", "until": _UNTIL, "is_paid": is_paid}
        for is_paid in (True, False)
    ],
    review.ENDED: [
        _ANSWER | ended | {"is_paid": is_paid} for ended in _ENDS for is_paid in (True, False)
    ],
    review.APPEALED: [_REVIEWED],
    review.LEFT_OUT: [
        _LEFT_OUT | {"accepted": 7, "left_out": {"decided": 2, "returned": 0, "linked": 1}},
        _LEFT_OUT | {"accepted": 0, "left_out": {"decided": 0}, "is_stopped": True},
    ],
    review.APPEAL_ENDED: [_REVIEWED | ended for ended in _ENDS if ended["verdict"] != "lapsed"],
}
