"""The identities that send requests in tests; tests/routes.py states the status that each gets."""

# Browsers have a session; the rest send a key, which pages ignore as the API ignores sessions.
ANONYMOUS = "anonymous"
OWNER, VIEWER, STRANGER, ANNOTATOR, STAFF = "owner", "viewer", "stranger", "annotator", "staff"
BROWSERS = (OWNER, VIEWER, STRANGER, ANNOTATOR, STAFF)
TOKEN, KEY, READER, OTHER_KEY, REVOKED = "token", "key", "reader", "other_key", "revoked"
KEYS = (TOKEN, KEY, READER, OTHER_KEY, REVOKED)
EVERYBODY = (ANONYMOUS, *BROWSERS, *KEYS)
# Only screenshots use these. In this order: a person whose texts break layouts, one who has nothing to do, one who
# works nowhere, one without a password, one who calibrates, one who did not pass, one who must attest something, and
# one who is paused, and one to whom paid work is not open.
HARD, NEWCOMER, OUTSIDER, PASSWORDLESS = "hard", "newcomer", "outsider", "passwordless"
CALIBRATING, NOT_PASSED, ATTESTING = "calibrating", "not passed", "attesting"
PAUSED, UNREADY = "paused", "unready"
