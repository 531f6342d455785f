"""SQL that violates the invariants of gold and of slots that are kept for somebody."""

from tests.security.damage import FUNDING, SLOT, unguarded, without

DAMAGES: dict[str, list[str]] = {
    "a finished funding run made as many slots for gold as it paid for, in whole places of its overlap": [
        *without(FUNDING, "funding_slots_of_items"),
        *unguarded(FUNDING, f"UPDATE {FUNDING} SET gold_items = 1 WHERE purpose = 'plan'"),
    ],
    "a repeat is kept for somebody who answered the item that it repeats": [
        *without(FUNDING, "funding_purpose", "funding_for_alert"),
        *unguarded(FUNDING, f"UPDATE {FUNDING} SET purpose = 'repeat'"),
    ],
    "a slot that is kept for somebody is leased and answered by nobody else": [
        *without(SLOT, "slot_kept_to_repeat", "slot_kept_for"),
        *unguarded(SLOT, f"UPDATE {SLOT} SET kept_for_id = gen_random_uuid()"),
    ],
}
