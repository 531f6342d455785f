"""Where an item has several facets, such as a rating of each response, intervals rest on items and not on facets."""

import random
from typing import Any

import pytest

from projects.kinds import form as forms
from projects.plan import templates
from projects.quality import patterns
from projects.quality.models import AgreementSnapshot, PartAgreement
from projects.quality.tasks import refresh
from projects.stats.alpha import krippendorff_alpha
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch, make_project
from tests.people import make_annotator

RATING = [{"name": "clear", "kind": "rating", "title": "How clear is each?", "low": 1, "high": 3}]


@pytest.fixture
def rated(workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch, deliver: Any) -> Tenant:
    """Twelve items, whose two responses three people rate: mostly alike, as the item asks for."""
    monkeypatch.setitem(templates.TEMPLATES, "rated", templates.Template("rated", "R", "R", RATING))
    project = make_project(workspace_a, template="rated")
    make_batch(project, 12)
    draw = random.Random(5)
    for _ in range(3):
        person = make_annotator(project)
        while lease := person.lease():
            usual = 1 + len(lease["prompt"][-1]["content"]) % 3
            rating = usual if draw.random() < 0.7 else draw.randint(1, 3)
            answer = {"clear": {shown["key"]: rating for shown in lease["responses"]}}
            path = f"/api/v1/desk/leases/{lease['id']}/submit/"
            assert person.client.post(path, {"answer": answer}).status_code == 201
    deliver()
    refresh()
    return workspace_a


def test_the_interval_leaves_out_whole_items(rated: Tenant) -> None:
    with planes.in_workspace(rated.pk):
        whole = AgreementSnapshot.objects.select_related("project__form").get(batch=None)
        version = PartAgreement.objects.exclude(guideline_version=None).get()
        counts = patterns.merged(patterns.of_project(whole.project_id).values())
    scale = forms.scales_of(whole.project.form.questions)["clear"]
    facets = krippendorff_alpha(patterns.units_of(counts, len(scale.categories)), scale.level)
    assert facets.low is not None and facets.high is not None
    for figures in (whole, version):
        assert figures.items == 12
        assert figures.alpha == pytest.approx(facets.value)
        assert figures.low is not None and figures.high is not None
        # Both responses get one rating, so that the second adds nothing: its items are 12 and not 24.
        assert figures.high - figures.low > 1.3 * (facets.high - facets.low)
    assert (whole.low, whole.high) == pytest.approx((version.low, version.high))
