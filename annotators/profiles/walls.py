"""The wall of profiles: a person reads and writes their own; staff may read all."""

from rlhfhub.tenancy.rules import ANNOTATOR, READ, STAFF, Rule, Wall, setting

WALLS: dict[str, Wall] = {
    "annotators_profiles_profile": {
        ANNOTATOR: Rule(
            "SELECT, INSERT, UPDATE (country, languages)", f"user_id = {setting('person')}"
        ),
        STAFF: Rule(READ),
    },
}
