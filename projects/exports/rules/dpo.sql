-- A row has responses [the preferred one, the other] and counts [votes for it, against it, for neither]. The response
-- with more votes than the other and than "neither" is preferred, unless a final answer to the question says which.
SELECT item_id, 0 AS place,
    CASE WHEN leads = -1 THEN '{0,1}' ELSE '{1,0}' END::smallint[] AS responses,
    CASE WHEN leads = -1 THEN ARRAY[first, second, neither] ELSE ARRAY[second, first, neither] END::int[] AS counts,
    undecided, annotations, adjudication,
    CASE WHEN adjudication IS NOT NULL THEN CASE WHEN side = 0 THEN 'tied' END
         WHEN first + second + neither = 0 THEN 'unjudged'
         WHEN neither > GREATEST(first, second) THEN 'tied'
         WHEN first = second OR neither = GREATEST(first, second) THEN 'contested' END AS left_out
FROM (
    SELECT item_id, COALESCE(first, 0) AS first, COALESCE(second, 0) AS second, COALESCE(neither, 0) AS neither,
        COALESCE(undecided, 0) AS undecided, COALESCE(annotations, '{}') AS annotations, adjudication, side,
        COALESCE(NULLIF(side, 0), CASE WHEN first > second THEN -1 ELSE 1 END) AS leads
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
    FULL JOIN (
        SELECT f.item_id, f.id AS adjudication, step.side FROM adjudicated f
        JOIN asked step ON step.form_id = f.form_id
            AND step.value = f.judged[array_position(f.units, step.question || '@0-1')]
        WHERE NOT f.waits
    ) final USING (item_id)
) decided_on
