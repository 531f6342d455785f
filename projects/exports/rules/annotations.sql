-- A row is one annotation. Undecided ones are included, and counted as such. It says whether its item has a final
-- answer, which is no annotation and makes no row.
SELECT a.item_id, row_number() OVER (PARTITION BY a.item_id ORDER BY a.id) AS place,
    '{}'::smallint[] AS responses, '{}'::int[] AS counts, a.undecided::int AS undecided, ARRAY[a.id] AS annotations,
    f.id AS adjudication, NULL::text AS left_out
FROM answers a LEFT JOIN adjudicated f ON f.item_id = a.item_id
