"""Invariants of notices: none holds a secret, and quiet hours can be read."""

from rlhfhub.invariants import Invariant, guards, register

INVARIANTS = (
    Invariant(
        "T5",
        "no notice contains an API key or a token of 32 bytes, such as an invitation's",
        r"""SELECT id AS notice, kind FROM rlhfhub_notices_notice
            WHERE data::text ~ 'rlh_[A-Za-z0-9_-]{20,}' OR data::text ~ '"[A-Za-z0-9_-]{43}"'""",
    ),
    Invariant(
        "W15",
        "quiet hours name a time zone that the database knows: the trigger is enabled",
        guards(("zone_known", "rlhfhub_notices_quiethours")),
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called from the AppConfig's ready()."""
    register("rlhfhub.notices", INVARIANTS)
