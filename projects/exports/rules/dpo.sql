-- A row: [the preferred response, the other], [votes for it, against it, for neither]. The side alone with most votes leads.
SELECT item_id, 0 AS place,
    CASE WHEN first > second THEN '{0,1}' ELSE '{1,0}' END::smallint[] AS responses,
    ARRAY[GREATEST(first, second), LEAST(first, second), neither]::int[] AS counts,
    undecided, annotations,
    CASE WHEN first + second + neither = 0 THEN 'unjudged'
         WHEN neither > GREATEST(first, second) THEN 'tied'
         WHEN first = second OR neither = GREATEST(first, second) THEN 'contested' END AS left_out
FROM (
    SELECT one.item_id,
        count(*) FILTER (WHERE step.side = -1) AS first,
        count(*) FILTER (WHERE step.side = 1) AS second,
        count(*) FILTER (WHERE step.side = 0) AS neither,
        count(*) FILTER (WHERE one.undecided) AS undecided,
        array_agg(one.id ORDER BY one.id) AS annotations
    FROM (
        -- OFFSET 0 keeps the planner from looking a value up anew for each step that it is compared with.
        SELECT d.item_id, d.id, d.form_id, d.undecided, d.judged[array_position(d.units, pair.unit)] AS value
        FROM decided d
        LEFT JOIN (SELECT DISTINCT form_id, question || '@0-1' AS unit FROM asked) pair ON pair.form_id = d.form_id
        OFFSET 0
    ) one
    LEFT JOIN asked step ON step.form_id = one.form_id AND step.value = one.value
    GROUP BY one.item_id
) judged
