-- A row: [how many gave each value of each question], whatever the facets are.
WITH given AS (
    SELECT d.item_id, step.place, count(*)::int AS given
    FROM decided d
    CROSS JOIN LATERAL unnest(d.units, d.judged) AS judgment (unit, value)
    JOIN asked step ON step.form_id = d.form_id AND step.value = judgment.value
        AND step.question = substring(judgment.unit FROM '^[a-z0-9_]+')
    GROUP BY d.item_id, step.place
), counted AS (
    SELECT item_id, array_agg(COALESCE(given, 0) ORDER BY place) AS counts
    FROM (SELECT DISTINCT item_id FROM given) every_item
    CROSS JOIN (SELECT DISTINCT place FROM asked) every_place
    LEFT JOIN given USING (item_id, place)
    GROUP BY item_id
), item AS (
    SELECT item_id, count(*) FILTER (WHERE undecided) AS undecided, array_agg(id ORDER BY id) AS annotations
    FROM decided GROUP BY item_id
)
SELECT item_id, 0 AS place, '{}'::smallint[] AS responses, counts, undecided, annotations, NULL::uuid AS adjudication,
    CASE WHEN cardinality(annotations) < 3 THEN 'rare' END AS left_out
FROM item JOIN counted USING (item_id)
