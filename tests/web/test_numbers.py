"""Numbers in forms are plain digits."""

from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.test import Client

from projects.plan.forms import ProjectForm
from projects.plan.models import Project
from rlhfhub.ground.numbers import whole
from rlhfhub.tenancy import planes
from rlhfhub.web.numbers import PlainDecimalField, WholeNumberField
from tests.factories import Tenant
from tests.pages.conftest import browser_of

ODD = [
    "1_000",
    "1e3",
    "1E3",
    "٣",
    "३",
    "１",
    "0x1",
    "+1",
    "-1",
    "1,5",
    "1.",
    ".5",
    "NaN",
    "inf",
    "1 0",
    "١.٥",
    "²",
]
FIELDS = {
    "template": "pairwise",
    "name": "new",
    "access": "market",
    "overlap": "3",
    "price": "0.25",
}
FIELDS |= {"estimated_seconds": "60", "lease_minutes": "30", "auto_accept_hours": "72"}
NUMBERS = ("price", "overlap", "estimated_seconds", "lease_minutes", "auto_accept_hours")


@pytest.mark.parametrize("text", ODD)
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    for field in (PlainDecimalField(), WholeNumberField()):
        with pytest.raises(forms.ValidationError, match="digits"):
            field.clean(text)
    assert whole(text) is None


def test_plain_numbers_are_read() -> None:
    assert [PlainDecimalField().clean(t) for t in ("0", "12.50", " 7 ")] == [
        Decimal(0),
        Decimal("12.50"),
        Decimal(7),
    ]
    assert [WholeNumberField().clean(t) for t in ("0", "007", " 7 ", 12)] == [0, 7, 7, 12]
    assert [whole(t) for t in ("0", "007", "999999999")] == [0, 7, 999_999_999]
    assert [whole(t) for t in (None, "", " 7", "7\n", "1234567890")] == [None] * 5


def test_every_number_of_a_form_is_strict() -> None:
    """A field of Django's own would take them."""
    loose = {forms.IntegerField, forms.DecimalField, forms.FloatField}
    found = [
        form for form in _forms() for field in form.base_fields.values() if type(field) in loose
    ]
    assert found == []
    assert {type(field) for field in ProjectForm(currency="USD").fields.values()}.isdisjoint(loose)


def _forms() -> list[Any]:
    """All forms of ours."""
    todo, found = [forms.BaseForm], []
    while todo:
        todo += (below := todo.pop().__subclasses__())
        found += [
            one
            for one in below
            if one.__module__.split(".")[0] in ("rlhfhub", "projects", "billing")
        ]
    return found


@pytest.mark.parametrize("name", NUMBERS)
def test_a_project_takes_plain_numbers_only(workspace_a: Tenant, name: str) -> None:
    browser: Client = browser_of(workspace_a.owner)
    path = f"/w/{workspace_a.workspace.slug}/projects/new/"
    for text in ("1_0", "1e1", "٣"):
        answer = browser.post(path, FIELDS | {name: text})
        assert answer.status_code == 422, text
        assert "digits" in answer.content.decode()
    assert browser.post(path, FIELDS).status_code == 303
    with planes.in_workspace(workspace_a.pk):
        assert Project.objects.get().price_minor == 25


@pytest.mark.parametrize("sent", ["5", " 5 ", "٣", 5.0, True, "1e1", None])
def test_a_number_over_rest_is_a_json_integer(workspace_a: Tenant, sent: Any) -> None:
    for name in ("price_minor", "overlap", "lease_minutes"):
        fields = {"name": "new", "access": "market", name: sent}
        answer = workspace_a.client.post("/api/v1/projects/", fields)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, name)
