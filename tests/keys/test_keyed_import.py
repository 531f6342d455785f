"""Members import keyed items on their page, by the reader that REST uses; a batch's import leads them there."""

import json
import re
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects.items.models import Item, Key
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests import people
from tests.factories import Tenant, make_batch, make_item
from tests.pages.conftest import browser_of


def row(number: int, choice: str = "0") -> dict[str, Any]:
    answer = {"preference": {"choice": choice}}
    people = [{"by": name, "answer": answer} for name in ("Ann", "Bob")]
    return {**make_item(number), "key": people}


@pytest.fixture
def owner(workspace_a: Tenant) -> Client:
    return browser_of(workspace_a.owner)


@pytest.fixture
def path(workspace_a: Tenant, project: Project) -> str:
    return reverse("keyed_import", args=[workspace_a.workspace.slug, project.pk])


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def count(tenant: Tenant) -> tuple[int, int]:
    with planes.in_workspace(tenant.pk):
        return Item.every.filter(batch__is_pool=True).count(), Key.objects.count()


def test_the_empty_page_says_how(workspace_a: Tenant, project: Project, owner: Client) -> None:
    page = owner.get(reverse("keyed_items", args=[workspace_a.workspace.slug, project.pk]))
    assert "Import items with their right answers above" in text(page)
    assert 'enctype="multipart/form-data"' in page.content.decode()


def test_a_file_and_a_pasted_text(workspace_a: Tenant, owner: Client, path: str) -> None:
    file = BytesIO("\n".join(json.dumps(row(n)) for n in (1, 2)).encode())
    file.name = "keys.ndjson"
    done = owner.post(path, {"file": file}, follow=True)
    assert "4 right answers were imported, for 2 new items." in text(done)
    assert count(workspace_a) == (2, 4)
    more = [row(2), row(3)]
    done = owner.post(path, {"text": json.dumps(more)}, follow=True)
    assert "for 1 new items and 1 known ones." in text(done)
    assert count(workspace_a) == (3, 6)


def test_wrong_rows_are_named_and_nothing_is_stored(
    workspace_a: Tenant, owner: Client, path: str
) -> None:
    pasted = json.dumps([row(1), row(2, choice="7"), {**make_item(3)}])
    refused = owner.post(path, {"text": pasted})
    assert refused.status_code == 422
    page = text(refused)
    assert "Nothing was imported." in page and re.search(r" 2 key\S* ", page)
    assert re.search(r" 3 key ", page)
    assert "make_item" not in page and "&quot;external_id&quot;" in refused.content.decode()
    assert count(workspace_a) == (0, 0)
    again = owner.get(path)
    assert again.status_code == 302 and again["Location"].endswith("/keys/"), "a reload is no error"
    empty = owner.post(path, {"text": " "})
    assert empty.status_code == 422 and "Choose a file, or paste items." in text(empty)


def test_only_who_may_edit(workspace_a: Tenant, path: str) -> None:
    def member(role: str) -> Client:
        return browser_of(people.make_member(workspace_a.workspace, role))

    body = {"text": json.dumps([row(1)])}
    assert member("viewer").post(path, body).status_code == 403
    assert member("manager").post(path, body).status_code == 303
    signed_out = browser_of().post(path, body)
    assert signed_out.status_code == 302 and "/accounts/login/" in signed_out["Location"]
    strict = browser_of(workspace_a.owner, enforce_csrf_checks=True)
    assert strict.post(path, body).status_code == 403


def test_a_key_in_a_batchs_import_leads_to_the_page(
    workspace_a: Tenant, project: Project, owner: Client
) -> None:
    batch = make_batch(project, 0)
    slug = workspace_a.workspace.slug
    body = {"text": json.dumps([row(1)])}
    refused = owner.post(reverse("batch_import", args=[slug, batch.pk]), body)
    assert refused.status_code == 422
    link = reverse("keyed_items", args=[slug, project.pk])
    assert f'<a href="{link}">To the keyed items</a>' in refused.content.decode()


def test_what_may_need_attention_is_said(workspace_a: Tenant, owner: Client, path: str) -> None:
    one = row(1)
    one["key"] = [entry | {"rule": "R99"} for entry in one["key"]]
    done = text(owner.post(path, {"text": json.dumps([one])}, follow=True))
    assert "2 right answers were imported, for 1 new items." in done
    assert (
        "In 1 row: Right answers name rules that the guidelines in force do not have: R99." in done
    )
