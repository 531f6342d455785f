"""The walls of notices and mails, and the doors through which people read their own."""

from rlhfhub.tenancy.rules import (
    ANNOTATOR,
    ANY,
    DOOR,
    KEEPER,
    STAFF,
    SYSTEM,
    WORKSPACE,
    WS,
    Door,
    Rule,
    Wall,
    setting,
)

# Members tell without reading: they do not see what annotators are told. Annotators read their own and what the site
# tells them, and tell through a door.
_TELL = "INSERT (id, workspace_id, person_id, kind, topic, cause, data, mail_due_at)"

WALLS: dict[str, Wall] = {
    "rlhfhub_notices_notice": {
        WORKSPACE: Rule(_TELL, WS),
        ANNOTATOR: Rule(
            "SELECT", f"person_id = {setting('person')} AND ({WS} OR workspace_id IS NULL)"
        ),
        SYSTEM: Rule(f"SELECT, {_TELL}, UPDATE (mail_due_at, mail_id), DELETE", ANY),
        KEEPER: Rule(f"SELECT, {_TELL}, UPDATE (read_at, mail_due_at)"),
    },
    "rlhfhub_notices_mail": {
        SYSTEM: Rule(
            "SELECT, INSERT (id, person_id), UPDATE (next_at, attempts, error, sent_at, given_up_at), DELETE"
        ),
        STAFF: Rule("SELECT, UPDATE (next_at, attempts, given_up_at)"),
        KEEPER: Rule("SELECT, INSERT (id, invitation_id)"),
    },
    "rlhfhub_notices_quiethours": {
        SYSTEM: Rule("SELECT"),
        KEEPER: Rule("SELECT, INSERT, UPDATE (from_hour, to_hour, time_zone), DELETE"),
    },
    "rlhfhub_notices_preference": {
        SYSTEM: Rule("SELECT"),
        KEEPER: Rule("SELECT, INSERT, UPDATE (how)"),
    },
}

# At the desk a person chooses for themselves. In the door plane nobody is named: the site passes who has signed in.
_OWN = f"person = COALESCE({setting('person')}, person)"

DOORS = [
    Door(
        "door_tell",
        "told uuid, at uuid, named text, about text, because text, details jsonb, wait integer",
        "void",
        f"""INSERT INTO rlhfhub_notices_notice (id, workspace_id, person_id, kind, topic, cause, data, mail_due_at)
       SELECT rlhfhub_uuid7(), at, told, named, about, because, details,
              clock_timestamp() + make_interval(secs => wait)
       WHERE {setting("workspace")} IS NULL OR at = {setting("workspace")}
       ON CONFLICT DO NOTHING""",
        planes=(WORKSPACE, ANNOTATOR, SYSTEM),
    ),
    # An annotator does not see who the members are.
    Door(
        "door_tell_leaders",
        "at uuid, named text, about text, because text, details jsonb, wait integer",
        "void",
        f"""INSERT INTO rlhfhub_notices_notice (id, workspace_id, person_id, kind, topic, cause, data, mail_due_at)
       SELECT rlhfhub_uuid7(), at, m.user_id, named, about, because, details,
              clock_timestamp() + make_interval(secs => wait)
       FROM rlhfhub_tenancy_membership m
       WHERE m.workspace_id = at AND m.role IN ('owner', 'manager') AND at = {setting("workspace")}
       ON CONFLICT DO NOTHING""",
        planes=(ANNOTATOR,),
    ),
    Door(
        "door_notices",
        "person uuid, only_notice uuid, only_topic text, only_unread boolean, before uuid, most integer",
        "TABLE (id uuid, workspace varchar, kind varchar, topic varchar, data text, created_at timestamptz, "
        "read_at timestamptz)",
        """SELECT n.id, COALESCE(w.name, ''), n.kind, n.topic, n.data::text, n.created_at, n.read_at
       FROM rlhfhub_notices_notice n LEFT JOIN rlhfhub_tenancy_workspace w ON w.id = n.workspace_id
       WHERE n.person_id = person AND (only_notice IS NULL OR n.id = only_notice)
         AND (only_topic IS NULL OR n.topic = only_topic) AND (NOT only_unread OR n.read_at IS NULL)
         AND (before IS NULL OR n.id < before)
       ORDER BY n.id DESC LIMIT most""",
    ),
    Door(
        "door_unread_notices",
        "person uuid, most integer",
        "bigint",
        """SELECT count(*) FROM (SELECT 1 FROM rlhfhub_notices_notice n
       WHERE n.person_id = person AND n.read_at IS NULL LIMIT most) unread""",
    ),
    Door(
        "door_read_notices",
        "person uuid, at uuid, these uuid[], until uuid",
        "bigint",
        """WITH done AS (
           UPDATE rlhfhub_notices_notice n SET read_at = clock_timestamp(), mail_due_at = NULL
           WHERE n.person_id = person AND n.read_at IS NULL
             AND (at IS NULL OR n.workspace_id = at OR n.workspace_id IS NULL)
             AND (n.id = ANY(these) OR n.id <= until) RETURNING 1)
       SELECT count(*) FROM done""",
        planes=(DOOR, ANNOTATOR),
    ),
    Door(
        "door_mail_invitation",
        "invitation uuid",
        "void",
        """INSERT INTO rlhfhub_notices_mail (id, invitation_id)
       SELECT rlhfhub_uuid7(), i.id FROM rlhfhub_tenancy_invitation i
       WHERE i.id = invitation AND i.workspace_id = NULLIF(current_setting('rlhfhub.workspace', true), '')::uuid
       ON CONFLICT DO NOTHING""",
        planes=(WORKSPACE,),
    ),
    Door(
        "door_mail_address",
        "person uuid",
        "varchar",
        """SELECT e.email FROM account_emailaddress e JOIN rlhfhub_tenancy_user u ON u.id = e.user_id
       WHERE e.user_id = person AND e.verified AND e."primary" AND u.is_active""",
        planes=(SYSTEM,),
    ),
    Door(
        "door_mail_preferences",
        "person uuid",
        "TABLE (topic varchar, how varchar)",
        f"SELECT p.topic, p.how FROM rlhfhub_notices_preference p WHERE p.person_id = person AND {_OWN}",
        planes=(DOOR, ANNOTATOR),
    ),
    Door(
        "door_quiet_hours",
        "person uuid",
        "TABLE (from_hour smallint, to_hour smallint, time_zone varchar)",
        f"""SELECT q.from_hour, q.to_hour, q.time_zone FROM rlhfhub_notices_quiethours q
       WHERE q.person_id = person AND {_OWN}""",
        planes=(DOOR, ANNOTATOR),
    ),
    Door(
        "door_be_quiet",
        "person uuid, since integer, until integer, zone text",
        "void",
        f"""INSERT INTO rlhfhub_notices_quiethours (id, person_id, from_hour, to_hour, time_zone)
       SELECT rlhfhub_uuid7(), person, since, until, zone WHERE {_OWN}
       ON CONFLICT (person_id) DO UPDATE SET from_hour = EXCLUDED.from_hour, to_hour = EXCLUDED.to_hour,
           time_zone = EXCLUDED.time_zone""",
        planes=(DOOR, ANNOTATOR),
    ),
    Door(
        "door_end_quiet",
        "person uuid",
        "void",
        f"DELETE FROM rlhfhub_notices_quiethours q WHERE q.person_id = person AND {_OWN}",
        planes=(DOOR, ANNOTATOR),
    ),
    Door(
        "door_prefer_mails",
        "person uuid, about text, wanted text",
        "void",
        f"""INSERT INTO rlhfhub_notices_preference (id, person_id, topic, how)
       SELECT rlhfhub_uuid7(), person, about, wanted WHERE {_OWN}
       ON CONFLICT (person_id, topic) DO UPDATE SET how = EXCLUDED.how""",
        planes=(DOOR, ANNOTATOR),
    ),
]
