"""Invariants of terms: nobody changes them or an acceptance, and only what is in force is accepted."""

from rlhfhub.invariants import Invariant, guards, register

INVARIANTS = (
    Invariant(
        "W6",
        "nobody changes terms or an acceptance, and only terms in force are accepted: the triggers are enabled",
        guards(
            ("append_only", "annotators_profiles_terms"),
            ("append_only", "annotators_profiles_acceptance"),
            ("accepted", "annotators_profiles_acceptance"),
        ),
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called from the AppConfig's ready()."""
    register("annotators.profiles", INVARIANTS)
