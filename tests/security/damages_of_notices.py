"""For each invariant of notices, SQL that violates it."""

from tests.security.damage import off

DAMAGES: dict[str, list[str]] = {
    "no notice contains an API key or a token of 32 bytes, such as an invitation's": [
        "UPDATE rlhfhub_notices_notice SET data = jsonb_build_object('token', repeat('aB3-_', 8) || 'xyz') "
        "WHERE id = (SELECT id FROM rlhfhub_notices_notice LIMIT 1)"
    ],
    "quiet hours name a time zone that the database knows: the trigger is enabled": off(
        "zone_known", "rlhfhub_notices_quiethours"
    ),
}
