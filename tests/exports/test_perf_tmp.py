"""Not for the tree: freeze and stream of 20k dpo rows."""

import time, json, os
import pytest
from django.db import connection
from tests.factories import make_batch, make_project, make_workspace
from tests.people import make_annotator
from rlhfhub.tenancy import planes

N = int(os.environ.get("PERF_N", "20000"))
NEW = os.path.exists("projects/exports/rules")


def fill(batch, people):
    ids = [str(p.enrollment.pk) for p in people]
    users = [str(p.user.pk) for p in people]
    with connection.cursor() as c:
        for t in ("lease", "annotation", "slot"):
            c.execute(f"ALTER TABLE projects_work_{t} DISABLE TRIGGER USER")
        c.execute(
            f"""INSERT INTO projects_work_lease (id, workspace_id, project_id, slot_id, item_id, enrollment_id, annotator_id, form_id,
            guideline_version_id, seed, shown, keys, leased_at, expires_at, ended_at, ended_as, return_reason, return_note{", phase" if NEW else ""})
            SELECT s.id, s.workspace_id, s.project_id, s.id, s.item_id, (%s::uuid[])[s.number], (%s::uuid[])[s.number], p.form_id, p.guideline_version_id,
            7, '{{0,1}}', '{{aaaa,bbbb}}', now(), now(), now(), 'submitted', '', ''{", 'main'" if NEW else ""}
            FROM projects_work_slot s JOIN projects_plan_project p ON p.id = s.project_id""",
            [ids, users],
        )
        cols, vals = (
            ("units, judged, set_aside", "'{preference@0-1}', ARRAY[v]::smallint[], false")
            if NEW
            else ("label", "v")
        )
        c.execute(
            f"""INSERT INTO projects_work_annotation (id, workspace_id, project_id, batch_id, item_id, slot_id, lease_id, enrollment_id, annotator_id,
            form_id, guideline_version_id, answer, price_minor, fee_minor, currency, seconds, state, submitted_at, decide_by, {cols})
            SELECT s.id, s.workspace_id, s.project_id, s.batch_id, s.item_id, s.id, s.id, (%s::uuid[])[s.number], (%s::uuid[])[s.number],
            p.form_id, p.guideline_version_id, json_build_object('preference', json_build_object('choice', 0), 'reason', 'Because it is the better one of both.'), s.price_minor, s.fee_minor, s.currency, 12.5, 'accepted', now(), now(), {vals}
            FROM projects_work_slot s JOIN projects_plan_project p ON p.id = s.project_id
            CROSS JOIN LATERAL (SELECT CASE WHEN hashtext(s.id::text) %% 100 < 60 THEN -1 WHEN hashtext(s.id::text) %% 100 < 90 THEN 1 ELSE 0 END AS v) x""",
            [ids, users],
        )
        c.execute(
            "UPDATE projects_work_slot SET state = 'filled', holder_id = (%s::uuid[])[number]",
            [users],
        )
        for t in ("lease", "annotation", "slot"):
            c.execute(f"ALTER TABLE projects_work_{t} ENABLE TRIGGER USER")
        c.execute("ANALYZE")


def test_perf(own_database):
    import tests.factories as f
    import itertools
    from projects.exports import engine, services

    text = "A sentence that is neither short nor the last of its kind. " * 12
    real = f.make_item
    f.make_item = lambda n, **k: {
        **real(n, **k),
        "prompt": f"{n} {text}",
        "responses": [
            {"text": f"First {n} {text}{text}", "model": "model-a"},
            {"text": f"Second {n} {text}{text}", "model": "model-b"},
        ],
    }
    tenant = make_workspace("Alpha")
    project = make_project(tenant)
    people = [make_annotator(project) for _ in range(3)]
    batch = make_batch(project, N)
    fill(batch, people)
    out = []
    for turn in range(4):
        with planes.in_workspace(tenant.pk):
            export = services.request(project=project, actor_id=tenant.owner.pk)
        taken = engine._claim(tenant.pk, export.pk)
        t = time.perf_counter()
        done = engine._freeze(tenant.pk, taken)
        froze = time.perf_counter() - t
        from projects.exports import dataset
        from projects.exports.pulse import Pulse

        t = time.perf_counter()
        made = dataset.write(done, Pulse(done))
        wrote = time.perf_counter() - t
        out.append((done.rows, round(froze, 3), round(wrote, 3)))
    with open("/tmp/exports_perf.txt", "a") as fh:
        fh.write(f"{'new' if NEW else 'base'} {N} {out}\n")
