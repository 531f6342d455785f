"""For each invariant about who may work, on what, and under which terms, SQL that violates it."""

from tests.security.damage import CHANGE, ENROLLMENT, LEASE, off, unguarded

READING = "billing_readings_reading"
PRICE, BONUS = "projects_plan_priceversion", "billing_bonuses_bonus"

DAMAGES: dict[str, list[str]] = {
    "each bonus is paid once, or about to be, and as much as was promised": unguarded(
        BONUS, f"UPDATE {BONUS} SET amount_minor = amount_minor + 1"
    ),
    "what a workspace has promised is bonuses that are not yet paid, and money for reading": [
        "UPDATE billing_ledger_account SET balance_minor = balance_minor + 1 WHERE kind = 'workspace_promised'"
    ],
    "each reading that was earned has its bonus, and no other has one": unguarded(
        READING, f"UPDATE {READING} SET state = 'paid' WHERE state = 'promised'"
    ),
    "a project's money for reading is what was set aside, less what was promised and not released": [
        "UPDATE billing_readings_readingbudget SET free_minor = free_minor + 1"
    ],
    "nobody was promised more for reading a version than it pays, and each acceptance that pays was promised it": (
        unguarded(READING, f"UPDATE {READING} SET amount_minor = amount_minor + 1000")
    ),
    "money for reading is set aside first, and promised with the acceptance: the guards are in place": off(
        "taken", READING
    ),
    "a top-up's amount is that of its bonuses and of what it added to answers, up to its price": unguarded(
        "projects_quality_raise",
        "UPDATE projects_quality_raise SET amount_minor = amount_minor + 1",
    ),
    "bonuses are set aside first, never changed, and never for a member: the guards are in place": off(
        "made", BONUS
    ),
    "a paid project's price is that of its newest version, and its versions have no gaps": [
        "UPDATE projects_plan_project SET price_minor = price_minor + 1 WHERE price_minor > 0"
    ],
    "a price changes by a new version alone: the guards are in place": off("price_set", PRICE),
    "who holds a live lease is a member where that is asked for, and has neither left nor not begun": unguarded(
        ENROLLMENT, f"UPDATE {ENROLLMENT} SET state = 'onboarding'"
    ),
    "linked accounts share no item that one of them leased after they were linked": [
        "INSERT INTO rlhfhub_tenancy_accountpair "
        "(id, one_id, other_id, state, found_at, note, decided_by_id, decided_at) "
        "SELECT gen_random_uuid(), a.annotator_id, b.annotator_id, 'linked', now(), 'one and the same', "
        "a.annotator_id, now() - interval '1 year' "
        "FROM projects_work_annotation a JOIN projects_work_annotation b "
        "ON b.item_id = a.item_id AND b.annotator_id > a.annotator_id LIMIT 1"
    ],
    "accounts of one device are shown to staff, who alone link them: the guards are in place": off(
        "pairs", "rlhfhub_tenancy_deviceuse"
    ),
    "no lease begins while an enrollment is paused or ended": unguarded(
        CHANGE,
        f"UPDATE {CHANGE} c SET at = at - interval '1 year', enrollment_id = l.enrollment_id "
        f"FROM {LEASE} l WHERE (l.workspace_id, l.annotator_id) = (c.workspace_id, c.annotator_id)",
    ),
    "only a person pauses or ends an enrollment: its triggers are enabled": off("changed", CHANGE),
    "an enrollment is paused or ended exactly if the last change of it by a person says so": unguarded(
        ENROLLMENT, f"UPDATE {ENROLLMENT} SET state = 'paused'"
    ),
    "nobody changes terms or an acceptance, and only terms in force are accepted: the triggers are enabled": off(
        "accepted", "annotators_profiles_acceptance"
    ),
    "nobody is eligible who does not meet what the project asks for: the triggers are enabled": off(
        "met", "projects_enrollment_eligibility"
    ),
    "no example has a known right answer: the triggers are enabled": off(
        "no_example", "projects_items_key"
    ),
    "who leases paid work has accepted the site's terms before, and those in force then": unguarded(
        LEASE, f"UPDATE {LEASE} SET terms_acceptance_id = NULL"
    ),
}
