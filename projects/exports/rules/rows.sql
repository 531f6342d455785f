-- A page of frozen rows with their items, in blocks of JSON: numbers above the first up to the last, so many a block.
-- CSV whose quote and delimiter cannot stand in JSON text: the blocks come out as they are. The limit takes nothing
-- away: with one the planner sorts the bare numbers, and makes each block as it is sent.
COPY (SELECT (
        SELECT json_agg(json_build_array(i.prompt, i.responses, i.external_id, i.metadata,
                                         r.responses, r.counts, r.undecided{answers}) ORDER BY r.number)
        FROM projects_exports_exportrow r JOIN projects_items_item i ON i.id = r.item_id
        WHERE r.export_id = {export} AND r.number > before AND r.number <= LEAST(before + {together}, {last}))
    FROM generate_series({first}, {last} - 1, {together}) before ORDER BY before LIMIT {most})
TO STDOUT (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')
