"""Forgeries about recipients and payouts, by the plane that must not manage them."""

Acts = dict[str, tuple[str, ...]]

ANNOTATOR: Acts = {
    "a payout": (
        "INSERT INTO billing_payouts_payout (id, run_id, person_id, currency, amount_minor) "
        "SELECT gen_random_uuid(), gen_random_uuid(), %(person)s, 'USD', 1",
    ),
    "a payout run of everybody": (
        "INSERT INTO billing_payouts_payoutrun (id, kind) VALUES (gen_random_uuid(), 'command')",
    ),
    "a reversal": (
        "INSERT INTO billing_payouts_reversal (id, payout_id, amount_minor, reason, asked_by_id) "
        "SELECT gen_random_uuid(), id, 1, 'x', %(person)s FROM billing_payouts_payout",
    ),
    "who asked for a reversal": ("SELECT asked_by_id FROM billing_payouts_reversal",),
}

SYSTEM: Acts = {
    "a reversal": (
        "INSERT INTO billing_payouts_reversal (id, payout_id, amount_minor, reason, asked_by_id) "
        "SELECT gen_random_uuid(), id, 1, 'x', gen_random_uuid() FROM billing_payouts_payout",
    ),
    "who approved a reversal": (
        "UPDATE billing_payouts_reversal SET decided_by_id = gen_random_uuid()",
    ),
    "a payout's amount": ("UPDATE billing_payouts_payout SET amount_minor = 1000000",),
    "a payout sent by nobody": (
        "UPDATE billing_payouts_payout SET state = 'paid', transfer = 'tr_' || id, ended_at = now() "
        "WHERE state = 'ready'",
    ),
    "an address at Stripe": ("SELECT url FROM billing_recipients_link",),
    "bank details": ("SELECT words FROM billing_recipients_bankdetails",),
}

STAFF: Acts = {
    "an address at Stripe": ("SELECT url FROM billing_recipients_link",),
}
