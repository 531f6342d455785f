"""The doors: narrow functions of the keeper's, each telling one thing before a workspace is known.

They are stated with the walls (`rlhfhub.walls_table` says what the keeper sees) and put up with them. Each
takes whom it tells: what it gives of a person's places, work and pay is that person's own, in whichever workspace.
"""

from rlhfhub.tenancy.planes import Plane

DOOR, KEEPER = Plane.DOOR, Plane.KEEPER
DOORS: list[str] = []


def _door(
    name: str, arguments: str, returns: str, body: str, planes: tuple[Plane, ...] = (DOOR,)
) -> None:
    types = ", ".join(a.split()[1] for a in arguments.split(", ") if a)
    roles = ", ".join(plane.role for plane in planes)
    DOORS.extend(
        [
            f"CREATE FUNCTION {name}({arguments}) RETURNS {returns} LANGUAGE sql SECURITY DEFINER "
            f"SET search_path = pg_catalog, public, pg_temp AS $door$ {body} $door$",
            f"ALTER FUNCTION {name}({types}) OWNER TO {KEEPER.role}",
            f"REVOKE ALL ON FUNCTION {name}({types}) FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {name}({types}) TO {roles}",
        ]
    )


# Whose every place in the workspace has ended has no desk there; who has none yet may join by their token.
_HAS_A_DESK = """(SELECT bool_or(e.state <> 'ended') FROM projects_enrollment_enrollment e
                  WHERE e.workspace_id = k.workspace_id AND e.annotator_id = k.annotator_id) IS NOT FALSE"""

_door(
    "door_api_key",
    "secret_hash text",
    "TABLE (id uuid, workspace_id uuid, annotator_id uuid, created_by_id uuid, scopes text[], "
    "last_used_at timestamptz)",
    f"""SELECT k.id, k.workspace_id, k.annotator_id, k.created_by_id, k.scopes::text[], k.last_used_at
       FROM rlhfhub_tenancy_apikey k JOIN rlhfhub_tenancy_user u ON u.id = COALESCE(k.annotator_id, k.created_by_id)
       WHERE k.secret_sha256 = secret_hash AND k.revoked_at IS NULL AND u.is_active
         AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
         AND CASE WHEN k.annotator_id IS NOT NULL THEN {_HAS_A_DESK}
             ELSE EXISTS (SELECT 1 FROM rlhfhub_tenancy_membership m
                          WHERE m.workspace_id = k.workspace_id AND m.user_id = k.created_by_id) END""",
)
_door(
    "door_api_key_used",
    "key_id uuid",
    "void",
    # Called where the key has led to. Whoever finds the row locked leaves it: somebody else is just saying the same.
    """UPDATE rlhfhub_tenancy_apikey SET last_used_at = clock_timestamp()
       WHERE id = (SELECT k.id FROM rlhfhub_tenancy_apikey k
                   WHERE k.id = key_id
                     AND k.workspace_id = NULLIF(current_setting('rlhfhub.workspace', true), '')::uuid
                   FOR NO KEY UPDATE SKIP LOCKED)""",
    planes=(Plane.WORKSPACE, Plane.ANNOTATOR),
)
_door(
    "door_desk_tokens",
    "person uuid, only_token uuid, before uuid, most integer",
    "TABLE (id uuid, workspace_id uuid, workspace varchar, name varchar, prefix varchar, created_at timestamptz, "
    "last_used_at timestamptz, expires_at timestamptz, revoked_at timestamptz, state text)",
    f"""SELECT k.id, k.workspace_id, w.name, k.name, k.prefix, k.created_at, k.last_used_at, k.expires_at, k.revoked_at,
              CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.expires_at <= clock_timestamp() THEN 'expired'
                   WHEN NOT {_HAS_A_DESK} THEN 'ended' ELSE 'working' END
       FROM rlhfhub_tenancy_apikey k JOIN rlhfhub_tenancy_workspace w ON w.id = k.workspace_id
       WHERE k.annotator_id = person AND (only_token IS NULL OR k.id = only_token)
         AND (before IS NULL OR k.id < before)
       ORDER BY k.id DESC LIMIT most""",
)
_door(
    "door_memberships",
    "person uuid, after_slug text, most integer",
    "TABLE (workspace_id uuid, slug varchar, name varchar, role varchar)",
    """SELECT w.id, w.slug, w.name, m.role FROM rlhfhub_tenancy_membership m
       JOIN rlhfhub_tenancy_workspace w ON w.id = m.workspace_id
       WHERE m.user_id = person AND (after_slug IS NULL OR w.slug > after_slug) ORDER BY w.slug LIMIT most""",
)
_door(
    "door_membership",
    "person uuid, workspace_slug text",
    "TABLE (workspace_id uuid, role varchar)",
    """SELECT m.workspace_id, m.role FROM rlhfhub_tenancy_membership m
       JOIN rlhfhub_tenancy_workspace w ON w.id = m.workspace_id
       WHERE m.user_id = person AND w.slug = workspace_slug""",
)
_door(
    "door_invitation",
    "token_hash text",
    "TABLE (id uuid, workspace_id uuid, workspace varchar, email varchar, role varchar)",
    """SELECT i.id, i.workspace_id, w.name, i.email, i.role FROM rlhfhub_tenancy_invitation i
       JOIN rlhfhub_tenancy_workspace w ON w.id = i.workspace_id
       WHERE i.token_sha256 = token_hash AND i.accepted_at IS NULL AND i.revoked_at IS NULL
         AND i.expires_at > clock_timestamp()""",
)
# A place is shown while its project is of the market, or the person is (still) a member of its workspace.
_SHOWN = """(p.access = 'market' OR EXISTS (SELECT 1 FROM rlhfhub_tenancy_membership m
                WHERE m.workspace_id = e.workspace_id AND m.user_id = person))"""

_door(
    "door_place",
    "person uuid, only_enrollment uuid, only_project uuid",
    "TABLE (id uuid, workspace_id uuid, project_id uuid)",
    f"""SELECT e.id, e.workspace_id, e.project_id
       FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id
       WHERE e.annotator_id = person AND (e.id = only_enrollment OR e.project_id = only_project)
         AND p.status = 'active' AND {_SHOWN}""",
)
_door(
    "door_enrollments",
    "person uuid, only_enrollment uuid, over boolean, before uuid, most integer",
    "TABLE (id uuid, workspace_id uuid, project_id uuid, workspace varchar, project varchar, pseudonym varchar, "
    "state varchar, is_archived boolean, price_minor bigint, currency varchar, estimated_seconds integer)",
    f"""SELECT e.id, e.workspace_id, e.project_id, w.name, p.name, e.pseudonym, e.state, p.status = 'archived',
              p.price_minor, p.currency, p.estimated_seconds
       FROM projects_enrollment_enrollment e
       JOIN projects_plan_project p ON p.id = e.project_id
       JOIN rlhfhub_tenancy_workspace w ON w.id = e.workspace_id
       WHERE e.annotator_id = person AND {_SHOWN}
         AND (only_enrollment IS NULL OR e.id = only_enrollment) AND (before IS NULL OR e.id < before)
         AND (over IS NULL OR over = (p.status = 'archived' OR e.state = 'ended'))
       ORDER BY e.id DESC LIMIT most""",
)
_door(
    "door_desks",
    "person uuid",
    "TABLE (workspace_id uuid, workspace varchar)",
    f"""SELECT w.id, w.name FROM rlhfhub_tenancy_workspace w WHERE w.id IN (
           SELECT e.workspace_id
           FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id
           WHERE e.annotator_id = person AND p.status = 'active' AND e.state <> 'ended' AND {_SHOWN})
       ORDER BY w.name, w.id LIMIT 200""",
)
_door(
    "door_done",
    "person uuid, enrollments uuid[]",
    "TABLE (enrollment_id uuid, answers bigint, pending_minor bigint, accepted_minor bigint)",
    """SELECT e.id, count(*), COALESCE(sum(a.price_minor) FILTER (WHERE a.state = 'submitted'), 0)::bigint,
              COALESCE(sum(a.price_minor) FILTER (WHERE a.state = 'accepted'), 0)::bigint
       FROM projects_enrollment_enrollment e JOIN projects_work_annotation a ON a.enrollment_id = e.id
       WHERE e.annotator_id = person AND e.id = ANY(enrollments) GROUP BY e.id""",
)
_door(
    "door_newest_answers",
    "person uuid, enrollments uuid[], most integer",
    "TABLE (enrollment_id uuid, submitted_at timestamptz, price_minor bigint, currency varchar, state text, "
    "decide_by timestamptz)",
    """SELECT e.id, a.submitted_at, a.price_minor, a.currency, a.state, a.decide_by
       FROM projects_enrollment_enrollment e CROSS JOIN LATERAL (
           SELECT n.submitted_at, n.price_minor, n.currency, n.state, n.decide_by FROM projects_work_annotation n
           WHERE n.enrollment_id = e.id ORDER BY n.submitted_at DESC LIMIT most) a
       WHERE e.annotator_id = person AND e.id = ANY(enrollments) ORDER BY e.id, a.submitted_at DESC""",
)
_door(
    "door_pay",
    "person uuid, midnight timestamptz, week timestamptz",
    "TABLE (currency varchar, pending_minor bigint, today_minor bigint, week_minor bigint)",
    """SELECT a.currency, COALESCE(sum(a.price_minor) FILTER (WHERE a.state = 'submitted'), 0)::bigint,
              COALESCE(sum(a.price_minor) FILTER (WHERE a.submitted_at >= midnight), 0)::bigint,
              COALESCE(sum(a.price_minor) FILTER (WHERE a.submitted_at >= week), 0)::bigint
       FROM projects_enrollment_enrollment e JOIN projects_work_annotation a ON a.enrollment_id = e.id
       WHERE e.annotator_id = person AND a.price_minor > 0 GROUP BY a.currency""",
)
_door(
    "door_pay_by_day",
    "person uuid, since timestamptz",
    "TABLE (currency varchar, day date, answers bigint, pay_minor bigint)",
    """SELECT a.currency, (a.submitted_at AT TIME ZONE 'UTC')::date, count(*), sum(a.price_minor)::bigint
       FROM projects_enrollment_enrollment e JOIN projects_work_annotation a ON a.enrollment_id = e.id
       WHERE e.annotator_id = person AND a.submitted_at >= since GROUP BY 1, 2""",
)
# What can be worked on now: a project with an open slot in an open batch. Who names a project may join before.
_door(
    "door_listing",
    "person uuid, only_project uuid, before uuid, most integer",
    "TABLE (workspace_id uuid, project_id uuid, workspace varchar, project varchar, access varchar, "
    "price_minor bigint, currency varchar, estimated_seconds integer)",
    """SELECT p.workspace_id, p.id, w.name, p.name, p.access, p.price_minor, p.currency, p.estimated_seconds
       FROM projects_plan_project p JOIN rlhfhub_tenancy_workspace w ON w.id = p.workspace_id
       WHERE p.status = 'active' AND p.guideline_version_id IS NOT NULL
         AND (only_project IS NULL OR p.id = only_project) AND (before IS NULL OR p.id < before)
         AND NOT EXISTS (SELECT 1 FROM projects_enrollment_enrollment e
                         WHERE e.project_id = p.id AND e.annotator_id = person)
         AND (p.access = 'members') = EXISTS (SELECT 1 FROM rlhfhub_tenancy_membership m
                         WHERE m.workspace_id = p.workspace_id AND m.user_id = person)
         AND (only_project IS NOT NULL OR EXISTS (
                  SELECT 1 FROM projects_items_batch b WHERE b.project_id = p.id AND b.status = 'open'
                  AND EXISTS (SELECT 1 FROM projects_work_slot s WHERE s.batch_id = b.id AND s.state = 'open'
                              AND s.seq >= b.low_seq)))
       ORDER BY p.id DESC LIMIT most""",
)
