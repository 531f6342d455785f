-- Freezes an export's membership. It is one statement, so that the rows and the counts of what made no row see the
-- database at the same moment. The dataset's rule is inserted as the table `made`. Only what is for the project's data is
-- read: not gold, repeats or calibration.
WITH given AS MATERIALIZED (
    -- Every annotation in scope. The statement needs them several times, and reads the table once.
    SELECT id, item_id, form_id, guideline_version_id, units, judged, state, set_aside,
           state IN ('submitted', 'returned') AND NOT set_aside AS waits
    FROM projects_work_annotation
    WHERE project_id = %(project)s AND (%(batch)s::uuid IS NULL OR batch_id = %(batch)s) AND purpose = 'data'
), waiting AS MATERIALIZED (
    -- Items with an annotation that is not decided yet.
    SELECT DISTINCT item_id FROM given WHERE waits
), answers AS NOT MATERIALIZED (
    SELECT id, item_id, form_id, units, judged, state = 'submitted' AS undecided
    FROM given WHERE state IN ('submitted', 'accepted') AND NOT set_aside
), decided AS NOT MATERIALIZED (
    SELECT answers.* FROM answers LEFT JOIN waiting USING (item_id)
    WHERE %(include_undecided)s OR waiting.item_id IS NULL
), adjudicated AS MATERIALIZED (
    SELECT newest.id, newest.item_id, newest.form_id, newest.units, newest.judged,
        NOT %(include_undecided)s AND waiting.item_id IS NOT NULL AS waits
    FROM (
        SELECT DISTINCT ON (j.item_id) j.* FROM projects_review_adjudication j
        JOIN projects_items_item i ON i.id = j.item_id
        WHERE j.project_id = %(project)s AND (%(batch)s::uuid IS NULL OR i.batch_id = %(batch)s)
        ORDER BY j.item_id, j.number DESC
    ) newest LEFT JOIN waiting USING (item_id) WHERE NOT newest.withdrawn
), asked AS (
    SELECT * FROM unnest(%(forms)s::uuid[], %(questions)s::text[], %(values)s::int[], %(sides)s::int[], %(places)s::int[])
        AS step (form_id, question, value, side, place)
), made AS MATERIALIZED (
    {made}
), frozen AS (
    INSERT INTO projects_exports_exportrow
        (workspace_id, export_id, number, item_id, responses, counts, undecided, annotations, adjudication_id)
    SELECT %(workspace)s, %(export)s, row_number() OVER (ORDER BY b.number, i.seq, m.place),
           m.item_id, m.responses, m.counts, m.undecided, m.annotations, m.adjudication
    FROM made m JOIN projects_items_item i ON i.id = m.item_id JOIN projects_items_batch b ON b.id = i.batch_id
    WHERE m.left_out IS NULL
    RETURNING undecided
), outcome AS MATERIALIZED (
    -- The rows of an item either all rest on the same annotations, or each on different ones.
    SELECT item_id, min(left_out) FILTER (WHERE left_out IS NOT NULL) AS left_out,
           CASE WHEN min(annotations) = max(annotations) THEN min(cardinality(annotations))
                ELSE sum(cardinality(annotations)) END AS annotations,
           bool_or(adjudication IS NOT NULL) AS adjudicated
    FROM made GROUP BY item_id
), odd AS MATERIALIZED (
    SELECT item_id, waits FROM given WHERE state <> 'accepted' OR set_aside
), rest AS (
    -- Items with annotations that the rule did not read: they have an undecided one, or only ones that do not count.
    SELECT item_id, bool_or(waits) AS undecided
    FROM odd WHERE NOT EXISTS (SELECT FROM outcome WHERE outcome.item_id = odd.item_id) GROUP BY item_id
), short AS (
    -- Items with a slot that has no counted annotation: it is not filled yet, or its annotation does not count.
    SELECT item_id FROM projects_work_slot
    WHERE project_id = %(project)s AND (%(batch)s::uuid IS NULL OR batch_id = %(batch)s) AND state IN ('open', 'leased')
      AND purpose = 'data'
    UNION
    SELECT item_id FROM odd WHERE NOT waits
), item AS (
    SELECT count(*) AS items_decided,
           count(*) FILTER (WHERE left_out IS NULL) AS items_in_rows,
           count(*) FILTER (WHERE left_out IS NULL AND short.item_id IS NOT NULL) AS items_below_overlap,
           count(*) FILTER (WHERE left_out IS NULL AND adjudicated) AS items_adjudicated,
           COALESCE(sum(annotations) FILTER (WHERE left_out IS NULL), 0) AS annotations_in_rows
    FROM outcome LEFT JOIN short USING (item_id)
), under AS (
    SELECT guideline_version_id, CASE WHEN set_aside AND state IN ('submitted', 'accepted') THEN 'set_aside'
           WHEN state = 'submitted' THEN 'undecided' ELSE state END AS state, sum(n) AS annotations
    FROM (
        SELECT guideline_version_id, state, set_aside, count(*) AS n FROM given
        GROUP BY guideline_version_id, state, set_aside
    ) grouped GROUP BY 1, 2
)
SELECT item.*,
    (SELECT count(*) FROM frozen) AS rows,
    (SELECT count(*) FROM frozen WHERE undecided > 0) AS rows_undecided,
    (SELECT count(*) FROM rest WHERE undecided) AS items_undecided,
    (SELECT count(*) FROM rest WHERE NOT undecided) AS items_uncounted,
    (SELECT COALESCE(sum(items_count), 0) FROM projects_items_batch
     WHERE project_id = %(project)s AND NOT is_pool AND phase = 'main'
       AND (%(batch)s::uuid IS NULL OR id = %(batch)s)) AS items,
    (SELECT COALESCE(sum(annotations), 0) FROM under) AS annotations,
    (SELECT count(*) FROM projects_work_lease l JOIN projects_work_slot s ON s.id = l.slot_id
     WHERE l.project_id = %(project)s AND l.ended_as = 'returned' AND s.purpose = 'data'
       AND (%(batch)s::uuid IS NULL OR s.batch_id = %(batch)s)) AS leases_returned,
    (SELECT COALESCE(jsonb_object_agg('items_' || left_out, n), '{}') FROM
        (SELECT left_out, count(*) AS n FROM outcome WHERE left_out IS NOT NULL GROUP BY left_out) reasons) AS reasons,
    (SELECT COALESCE(jsonb_object_agg('annotations_' || state, n), '{}') FROM
        (SELECT state, sum(annotations) AS n FROM under GROUP BY state) states) AS states,
    (SELECT COALESCE(jsonb_object_agg('annotations_under_guideline_' || v.number, annotations), '{}')
     FROM under JOIN projects_plan_guidelineversion v ON v.id = under.guideline_version_id
     WHERE state = 'accepted') AS guidelines
FROM item
