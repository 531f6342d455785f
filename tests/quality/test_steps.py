"""What to do next promises figures only while answers for data are open to anybody."""

from django.db import connection

from projects.items.models import Item
from projects.items.services import Plan
from projects.plan.models import Project
from projects.quality.quality_page import awaits_several
from projects.work.models import Purpose
from rlhfhub.tenancy import planes
from tests import gold
from tests.factories import Tenant, make_batch
from tests.people import make_annotator


def test_a_left_over_repeat_promises_nothing(workspace_a: Tenant, project: Project) -> None:
    batch = make_batch(project, 1, plan=Plan(2, share_percent=0, reserve_percent=100))
    ada, ben = (make_annotator(project, name) for name in ("Ada", "Ben"))
    with planes.in_workspace(workspace_a.pk):
        assert awaits_several(project.pk)
        item = Item.objects.select_related("project__form").get(batch=batch)
    gold.add_slots(batch, [gold.make_repeat(item)], Purpose.REPEAT, ada.enrollment)
    for one in (ada, ben):
        lease = one.lease()
        assert lease and one.prefer(lease, "First answer to 1.").status_code == 201
    with planes.in_workspace(workspace_a.pk), connection.cursor() as cursor:
        cursor.execute("SELECT state, purpose FROM projects_work_slot ORDER BY purpose")
        assert cursor.fetchall() == [("filled", "data"), ("filled", "data"), ("open", "repeat")]
        assert not awaits_several(project.pk)
