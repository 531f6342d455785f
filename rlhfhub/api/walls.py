"""The wall of idempotency keys."""

from rlhfhub.tenancy.rules import ANY, SYSTEM, WORKSPACE, WS, Rule, Wall

WALLS: dict[str, Wall] = {
    "rlhfhub_api_idempotencykey": {
        WORKSPACE: Rule("SELECT, INSERT, UPDATE (status, answer)", WS),
        SYSTEM: Rule("SELECT, DELETE", ANY),
    },
}
