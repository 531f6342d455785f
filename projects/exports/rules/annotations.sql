-- A row is one answer; undecided ones are among them, and say so.
SELECT item_id, row_number() OVER (PARTITION BY item_id ORDER BY id) AS place,
    '{}'::smallint[] AS responses, '{}'::int[] AS counts, undecided::int AS undecided, ARRAY[id] AS annotations,
    NULL::text AS left_out
FROM answers
