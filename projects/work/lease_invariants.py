"""The invariants of who leases (W6): who is cleared for it, under the terms, active, and has not left."""

from rlhfhub.invariants import Invariant, guards

# The difference tolerated between the clocks of the site's machines and the database's.
SKEW = "interval '15 minutes'"

_CLEARED = (
    Invariant(
        "W6",
        "who leases is cleared for the guideline version, and has accepted it or one without a major change since",
        f"""SELECT l.id AS lease FROM projects_work_lease l
            JOIN projects_plan_guidelineversion v ON v.id = l.guideline_version_id
            WHERE NOT EXISTS (SELECT 1 FROM projects_enrollment_clearance c WHERE c.enrollment_id = l.enrollment_id
                    AND c.phase = l.phase AND c.guideline_version_id = v.id AND c.cleared_at <= l.leased_at + {SKEW})
               OR NOT EXISTS (SELECT 1 FROM projects_enrollment_guidelineacceptance g
                    JOIN projects_plan_guidelineversion read ON read.id = g.guideline_version_id
                    WHERE g.enrollment_id = l.enrollment_id AND g.accepted_at <= l.leased_at + {SKEW}
                      AND read.number BETWEEN (
                        SELECT max(m.number) FROM projects_plan_guidelineversion m WHERE m.project_id = v.project_id
                          AND m.change = 'major' AND m.published_at IS NOT NULL AND m.number <= v.number
                      ) AND v.number)""",
    ),
    Invariant(
        "W6",
        "who leases paid work has accepted the site's terms before, and those in force then",
        f"""SELECT l.id AS lease FROM projects_work_lease l
            JOIN projects_work_slot s ON s.id = l.slot_id
            LEFT JOIN annotators_profiles_acceptance a ON a.id = l.terms_acceptance_id
            LEFT JOIN annotators_profiles_terms t ON t.id = a.terms_id
            WHERE s.price_minor > 0 AND (t.id IS NULL OR a.accepted_at > l.leased_at + {SKEW}
                OR EXISTS (SELECT 1 FROM annotators_profiles_terms n
                           WHERE n.number > t.number AND n.published_at < l.leased_at - {SKEW}))""",
    ),
    Invariant(
        "W6",
        "a lease has its enrollment's project and annotator, and a form and guidelines of that project",
        """SELECT l.id AS lease FROM projects_work_lease l
           LEFT JOIN projects_enrollment_enrollment e ON e.id = l.enrollment_id
           LEFT JOIN projects_plan_form f ON f.id = l.form_id
           LEFT JOIN projects_plan_guidelineversion v ON v.id = l.guideline_version_id
           LEFT JOIN projects_items_item i ON i.id = l.item_id
           WHERE (e.project_id, e.annotator_id, f.project_id, v.project_id, i.project_id)
             IS DISTINCT FROM (l.project_id, l.annotator_id, l.project_id, l.project_id, l.project_id)
              OR v.published_at IS NULL""",
    ),
)

_LIVE = (
    Invariant(
        "W6",
        "who holds a live lease is a member where that is asked for, and has neither left nor not begun",
        """SELECT l.id AS lease, e.state FROM projects_work_lease l
           JOIN projects_enrollment_enrollment e ON e.id = l.enrollment_id
           JOIN projects_plan_project p ON p.id = e.project_id
           WHERE l.ended_at IS NULL AND (
               NOT (e.state IN ('active', 'paused', 'ended') OR e.state = 'calibrating' AND l.phase = 'calibration')
               OR EXISTS (SELECT 1 FROM projects_enrollment_enrollmentchange c
                          WHERE c.enrollment_id = e.id AND c.reason = 'left' AND c.at > l.leased_at)
               OR (p.access = 'members' AND NOT EXISTS (
               SELECT 1 FROM rlhfhub_tenancy_membership m
               WHERE m.workspace_id = e.workspace_id AND m.user_id = e.annotator_id)))""",
    ),
    Invariant(
        "W6",
        "no lease begins while an enrollment is paused or ended",
        f"""SELECT l.id AS lease, c.to_state FROM projects_work_lease l CROSS JOIN LATERAL (
                SELECT c.to_state, c.at FROM projects_enrollment_enrollmentchange c
                WHERE c.enrollment_id = l.enrollment_id AND c.at <= l.leased_at ORDER BY c.at DESC LIMIT 1) c
            WHERE c.to_state IN ('paused', 'ended') AND c.at + {SKEW} < l.leased_at""",
    ),
    Invariant(
        "W6",
        "the triggers that end and refuse leases of people who may no longer work are enabled",
        guards(
            ("allowed", "projects_work_lease"),
            ("stopped", "projects_enrollment_enrollmentchange"),
            ("revoke", "rlhfhub_tenancy_membership"),
        ),
    ),
)

WHO_LEASES = (*_CLEARED, *_LIVE)
