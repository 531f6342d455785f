"""The walls of what belongs to people: they read and write their own. Workspaces read none of it."""

from rlhfhub.tenancy.rules import ADD, ANNOTATOR, DOOR, KEEPER, READ, STAFF, Rule, Wall, setting

_MINE = f"user_id = {setting('person')}"

WALLS: dict[str, Wall] = {
    "annotators_profiles_profile": {
        ANNOTATOR: Rule(
            "SELECT, INSERT, UPDATE (adult_at, country, languages, domains, avoids)", _MINE
        ),
        STAFF: Rule(READ),
        KEEPER: Rule("SELECT (user_id, adult_at, country, languages, domains, avoids)"),
    },
    # Everybody may read what they are asked to accept. Only the owner's login publishes.
    "annotators_profiles_terms": {
        DOOR: Rule(READ),
        ANNOTATOR: Rule(READ),
        STAFF: Rule(READ),
        KEEPER: Rule("SELECT (id, number)"),
    },
    "annotators_profiles_acceptance": {
        ANNOTATOR: Rule(ADD, _MINE),
        STAFF: Rule(READ),
        KEEPER: Rule(READ),
    },
    "annotators_profiles_payoutcountry": {
        ANNOTATOR: Rule(READ),
        STAFF: Rule(READ),
        KEEPER: Rule("SELECT (code)"),
    },
}
