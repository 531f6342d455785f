-- A row has responses [the one rated] and counts [how many annotators gave each value of each question].
WITH rating AS (
    SELECT d.item_id, split_part(judgment.unit, '@', 2)::smallint AS response, step.place, count(*)::int AS given
    FROM decided d
    CROSS JOIN LATERAL unnest(d.units, d.judged) AS judgment (unit, value)
    JOIN asked step ON step.form_id = d.form_id AND step.value = judgment.value
        AND step.question = split_part(judgment.unit, '@', 1)
    WHERE judgment.unit ~ '@[0-9]+$'
    GROUP BY d.item_id, response, step.place
), rated AS (
    SELECT item_id, response, array_agg(COALESCE(given, 0) ORDER BY place) AS counts
    FROM (SELECT DISTINCT item_id, response FROM rating) every_response
    CROSS JOIN (SELECT DISTINCT place FROM asked) every_place
    LEFT JOIN rating USING (item_id, response, place)
    GROUP BY item_id, response
), item AS (
    SELECT item_id, count(*) FILTER (WHERE undecided) AS undecided, array_agg(id ORDER BY id) AS annotations
    FROM decided GROUP BY item_id
)
SELECT item_id, response AS place, ARRAY[response] AS responses, counts, undecided, annotations,
    CASE WHEN response IS NULL THEN 'unjudged' END AS left_out
FROM item LEFT JOIN rated USING (item_id)
