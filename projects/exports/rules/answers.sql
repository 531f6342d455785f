-- The annotations of a frozen row, each as `projects.formats.writing.annotations.Answered` reads it. If an answer was
-- revised after the export was frozen, its earlier version is taken from the history.
SELECT json_agg(json_build_array(a.id, b.number, e.pseudonym, v.number, f.version, l.shown, a.seconds,
                                 to_char(a.submitted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                                 d.by, COALESCE(h.units, a.units), COALESCE(h.judged, a.judged),
                                 COALESCE(h.answer, a.answer)) ORDER BY a.id)
FROM projects_work_annotation a
JOIN projects_work_lease l ON l.id = a.lease_id
JOIN projects_enrollment_enrollment e ON e.id = a.enrollment_id
JOIN projects_plan_guidelineversion v ON v.id = a.guideline_version_id
JOIN projects_plan_form f ON f.id = a.form_id
JOIN projects_items_batch b ON b.id = a.batch_id
LEFT JOIN LATERAL (
    SELECT by FROM projects_review_decision WHERE annotation_id = a.id ORDER BY stage DESC LIMIT 1
) d ON true
LEFT JOIN LATERAL (
    SELECT units, judged, answer FROM projects_work_annotationhistory
    WHERE annotation_id = a.id AND replaced_at > {frozen_at} ORDER BY number LIMIT 1
) h ON true
WHERE a.id = ANY(r.annotations)
