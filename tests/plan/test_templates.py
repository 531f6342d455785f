"""The ready templates: each is a sound form with the scale it promises, and is offered everywhere."""

import html

import pytest
from django.urls import reverse

from projects.kinds import form
from projects.plan.templates import TEMPLATES
from tests.factories import Tenant
from tests.pages.conftest import browser_of

WANTED: dict[str, tuple[list[int], list[str]]] = {
    "pairwise": ([-1, 0, 1], ["preference"]),
    "pairwise_forced": ([-1, 1], ["preference"]),
    "pairwise_both_bad": ([-1, 0, 1, 2], ["preference"]),
    "likert5": ([-2, -1, 0, 1, 2], ["preference"]),
    "seven": ([-3, -2, -1, 0, 1, 2, 3], ["preference"]),
    "eight": ([-4, -3, -2, -1, 1, 2, 3, 4], ["preference"]),
    "ratings": ([0, 1, 2, 3, 4], ["helpfulness", "correctness"]),
}


def test_these_are_the_templates() -> None:
    assert set(TEMPLATES) == set(WANTED)
    assert all(key == template.key for key, template in TEMPLATES.items())


@pytest.mark.parametrize("key", WANTED)
def test_a_template_is_a_sound_form(key: str) -> None:
    questions = TEMPLATES[key].questions
    assert form.check_form(questions) == []
    values, judged = WANTED[key]
    scales = form.scales_of(questions)
    assert list(scales) == judged
    for scale in scales.values():
        assert [one.value for one in scale.categories] == values
    assert questions[-1]["name"] == "reason"
    assert not questions[-1]["required"]


@pytest.mark.parametrize("key", WANTED)
def test_a_template_says_what_items_it_wants_and_what_it_makes(key: str) -> None:
    questions = TEMPLATES[key].questions
    pair = key != "ratings"
    assert form.responses_of(questions) == ((2, 2) if pair else (1, 10))
    assert form.datasets_of(questions) == [*(["dpo"] if pair else ["ratings"]), "annotations"]


@pytest.mark.parametrize("key", WANTED)
def test_a_project_is_made_from_each(workspace_a: Tenant, key: str) -> None:
    response = workspace_a.client.post("/api/v1/projects/", {"name": "Tides", "template": key})
    assert response.status_code == 201, response.content
    assert response.json()["template"] == key


def test_the_page_and_the_api_offer_all(workspace_a: Tenant) -> None:
    address = reverse("project_new", args=[workspace_a.workspace.slug])
    page = html.unescape(browser_of(workspace_a.owner).get(address).content.decode())
    for template in TEMPLATES.values():
        assert f'value="{template.key}"' in page
        assert template.title in page
        assert template.description in page
    accept = {"Accept": "application/vnd.oai.openapi+json"}
    document = workspace_a.client.get("/api/v1/schema/", headers=accept).json()
    schemas = document["components"]["schemas"]
    [named] = schemas["ProjectBody"]["properties"]["template"]["allOf"]
    assert schemas[named["$ref"].rpartition("/")[2]]["enum"] == sorted(TEMPLATES)
