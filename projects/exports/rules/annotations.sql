-- A row is one annotation. Undecided ones are included, and counted as such.
SELECT item_id, row_number() OVER (PARTITION BY item_id ORDER BY id) AS place,
    '{}'::smallint[] AS responses, '{}'::int[] AS counts, undecided::int AS undecided, ARRAY[id] AS annotations,
    NULL::text AS left_out
FROM answers
