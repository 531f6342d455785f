"""SQL that violates the invariants of terms, eligibilities and samples."""

from tests.security.damage import LEASE, off, unguarded

DAMAGES: dict[str, list[str]] = {
    "nobody changes terms or an acceptance, and only terms in force are accepted: the triggers are enabled": off(
        "accepted", "annotators_profiles_acceptance"
    ),
    "nobody is eligible who does not meet what the project asks for: the triggers are enabled": off(
        "met", "projects_enrollment_eligibility"
    ),
    "no sample has a known right answer: the triggers are enabled": off(
        "no_sample", "projects_items_key"
    ),
    "who leases paid work has accepted the site's terms before, and those in force then": unguarded(
        LEASE, f"UPDATE {LEASE} SET terms_acceptance_id = NULL"
    ),
}
