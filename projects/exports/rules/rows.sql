-- A page of frozen rows with their items: the numbers above `first` up to `last`, as JSON in blocks of `block_rows`.
-- In the binary format the blocks are sent unchanged; in a text format the server would look at each of their characters.
-- The limit is never reached; because of it the planner sorts the plain numbers and makes each block only when it is
-- sent.
COPY (SELECT (
        SELECT json_agg(json_build_array(i.prompt, i.responses, i.external_id, i.metadata,
                                         r.responses, r.counts, r.undecided,
                                         CASE WHEN r.adjudication_id IS NOT NULL THEN (
                                             SELECT json_build_array(j.units, j.judged)
                                             FROM projects_review_adjudication j WHERE j.id = r.adjudication_id)
                                         END{answers})
                        ORDER BY r.number)
        FROM projects_exports_exportrow r JOIN projects_items_item i ON i.id = r.item_id
        WHERE r.export_id = {export} AND r.number > before AND r.number <= LEAST(before + {block_rows}, {last}))
    FROM generate_series({first}, {last} - 1, {block_rows}) before ORDER BY before LIMIT {page_rows})
TO STDOUT (FORMAT binary)
