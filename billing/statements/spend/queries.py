"""SQL of what was spent: accruals with the answers that they pay for, and bonuses."""

# A paid review counts for the project and the batch of the answer that it judges.
_SPENT = """
    SELECT COALESCE(p.parent_id, p.id) AS project_id, COALESCE(judged.batch_id, a.batch_id) AS batch_id,
           a.enrollment_id, a.form_id, 1 AS answers, a.price_minor AS pay, a.fee_minor AS fee,
           CASE WHEN p.purpose <> 'work' THEN 'review' WHEN a.purpose <> 'data' THEN a.purpose
                WHEN r.funding_id IS NOT NULL THEN 'replacement' ELSE 'data' END AS part
    FROM billing_ledger_journal j
    JOIN projects_work_annotation a ON {joined}
    JOIN projects_plan_project p ON p.id = a.project_id
    JOIN projects_work_slot s ON s.id = a.slot_id
    LEFT JOIN (SELECT DISTINCT funding_id FROM billing_funding_replacement
               WHERE workspace_id = %(workspace)s AND funding_id IS NOT NULL) r ON r.funding_id = s.funding_id
    LEFT JOIN projects_review_source x ON p.purpose = 'review' AND x.item_id = a.item_id
    LEFT JOIN projects_work_annotation judged ON judged.id = x.annotation_id
    WHERE j.workspace_id = %(workspace)s AND a.currency = %(currency)s AND {which}
    UNION ALL
    SELECT COALESCE(p.parent_id, p.id), NULL, b.enrollment_id, NULL, 0, b.amount_minor, 0,
           CASE WHEN b.reading_id IS NOT NULL THEN 'reading' WHEN b.top_up_id IS NULL THEN 'bonus' ELSE 'top_up' END
    FROM billing_bonuses_bonus b JOIN billing_ledger_journal j ON j.cause = 'bonus:' || b.id
    JOIN projects_enrollment_enrollment e ON e.id = b.enrollment_id
    JOIN projects_plan_project p ON p.id = e.project_id
    WHERE b.workspace_id = %(workspace)s AND b.currency = %(currency)s AND {which_bonus}
"""
_BY_TIME = "j.at >= %(since)s AND j.at < %(till)s"
_PERIOD = _SPENT.format(
    # The case keeps causes of other kinds from being read as ids.
    joined="a.id = CASE WHEN j.kind = 'accrual' THEN substr(j.cause, 9)::uuid END",
    which=f"j.kind = 'accrual' AND {_BY_TIME}",
    which_bonus=_BY_TIME,
)
_OF_PROJECT = "(p.id = %(project)s OR p.parent_id = %(project)s)"  # The project's own, and those of its reviews.
_LIFE = _SPENT.format(
    joined="j.cause = 'accrual:' || a.id", which=_OF_PROJECT, which_bonus=_OF_PROJECT
)
_SUMS = "sum(answers)::bigint, sum(pay)::bigint, sum(fee)::bigint"

#: By part, by project and batch, by annotator and by form, in one walk.
OF_PERIOD = f"""
    WITH spent AS MATERIALIZED (
        SELECT * FROM ({_PERIOD}) x WHERE %(project)s::uuid IS NULL OR x.project_id = %(project)s::uuid)
    SELECT part, project_id, batch_id, enrollment_id, form_id, {_SUMS} FROM spent
    GROUP BY GROUPING SETS ((part), (project_id, batch_id), (enrollment_id), (form_id))
"""  # noqa: S608  made of constants
OF_LIFE = f"""
    SELECT part, {_SUMS} FROM ({_LIFE}) x
    WHERE %(batch)s::uuid IS NULL OR x.batch_id = %(batch)s::uuid GROUP BY part
"""  # noqa: S608  made of constants
PSEUDONYMS = """
    SELECT e.id, p.id, p.name, e.pseudonym FROM projects_enrollment_enrollment e
    JOIN projects_plan_project p ON p.id = e.project_id WHERE e.id = ANY(%(ids)s)
"""
