-- A row has responses [the one rated] and counts [how many annotators gave each value of each question]. If a final
-- answer rates the response, the row names it.
WITH rating AS (
    SELECT d.item_id, split_part(judgment.unit, '@', 2)::smallint AS response, step.place, count(*)::int AS given
    FROM decided d
    CROSS JOIN LATERAL unnest(d.units, d.judged) AS judgment (unit, value)
    JOIN asked step ON step.form_id = d.form_id AND step.value = judgment.value
        AND step.question = split_part(judgment.unit, '@', 1)
    WHERE judgment.unit ~ '@[0-9]+$'
    GROUP BY d.item_id, response, step.place
), final AS (
    SELECT DISTINCT f.item_id, split_part(judgment.unit, '@', 2)::smallint AS response, f.id AS adjudication
    FROM adjudicated f
    CROSS JOIN LATERAL unnest(f.units, f.judged) AS judgment (unit, value)
    JOIN asked step ON step.form_id = f.form_id AND step.value = judgment.value
        AND step.question = split_part(judgment.unit, '@', 1)
    WHERE judgment.unit ~ '@[0-9]+$' AND NOT f.waits
), rated AS (
    SELECT item_id, response, array_agg(COALESCE(given, 0) ORDER BY place) AS counts
    FROM (SELECT item_id, response FROM rating UNION SELECT item_id, response FROM final) every_response
    CROSS JOIN (SELECT DISTINCT place FROM asked) every_place
    LEFT JOIN rating USING (item_id, response, place)
    GROUP BY item_id, response
), item AS (
    SELECT item_id, count(*) FILTER (WHERE undecided) AS undecided, array_agg(id ORDER BY id) AS annotations
    FROM decided GROUP BY item_id
)
SELECT item_id, response AS place, ARRAY[response] AS responses, counts, COALESCE(undecided, 0) AS undecided,
    COALESCE(annotations, '{}') AS annotations, adjudication,
    CASE WHEN response IS NULL THEN 'unjudged' END AS left_out
FROM item FULL JOIN rated USING (item_id) LEFT JOIN final USING (item_id, response)
