-- The items whose frozen rows differ from what the dataset's rule now makes of the annotations and final answers that
-- they name.
-- Rows with undecided annotations are skipped, because those may have been revised since.
-- The dataset's rule is inserted as the table `made`.
WITH frozen AS (
    SELECT item_id, responses, counts, annotations, adjudication_id FROM projects_exports_exportrow
    WHERE export_id = %(export)s AND undecided = 0
), answers AS NOT MATERIALIZED (
    SELECT a.id, a.item_id, a.form_id, a.units, a.judged, false AS undecided
    FROM projects_work_annotation a JOIN (SELECT DISTINCT unnest(annotations) AS id FROM frozen) named USING (id)
), decided AS NOT MATERIALIZED (
    SELECT * FROM answers
), adjudicated AS (
    SELECT j.id, j.item_id, j.form_id, j.units, j.judged, false AS waits
    FROM projects_review_adjudication j WHERE j.id IN (SELECT adjudication_id FROM frozen)
), asked AS (
    SELECT * FROM unnest(%(forms)s::uuid[], %(questions)s::text[], %(values)s::int[], %(sides)s::int[], %(places)s::int[])
        AS step (form_id, question, value, side, place)
), made AS (
    {made}
), again AS (
    SELECT item_id, responses, counts, annotations, adjudication FROM made WHERE left_out IS NULL
)
SELECT DISTINCT item_id FROM (
    (SELECT * FROM frozen EXCEPT SELECT * FROM again) UNION ALL (SELECT * FROM again EXCEPT SELECT * FROM frozen)
) different
