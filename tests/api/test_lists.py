"""Lists: pages by cursor, each row once, in their order."""

import pytest

from projects.quality import services as quality
from rlhfhub.tenancy import planes
from tests.factories import make_batch, make_project, publish_guidelines


def _walk(client, path, size):
    """All rows, page by page; every page but the last is full."""
    rows, url = [], f"{path}?page_size={size}"
    while url:
        response = client.get(url)
        assert response.status_code == 200, response.content
        body = response.json()
        assert set(body) == {"next", "previous", "results"}
        rows += body["results"]
        url = body["next"]
        assert not url or len(body["results"]) == size
    return rows


@pytest.mark.parametrize("size", [1, 3, 7, 500])
def test_items_page_by_page(workspace_a, project, size):
    """In the order they were sent."""
    batch = make_batch(project, items=7)
    rows = _walk(workspace_a.client, f"/api/v1/batches/{batch.pk}/items/", size)
    assert [row["seq"] for row in rows] == list(range(1, 8))
    assert [row["external_id"] for row in rows] == [f"item-{n}" for n in range(1, 8)]


def test_newest_first(workspace_a):
    """Projects, guidelines and batches."""
    client = workspace_a.client
    projects = [make_project(workspace_a) for _ in range(5)]
    assert [row["id"] for row in _walk(client, "/api/v1/projects/", 2)] == [
        str(p.pk) for p in reversed(projects)
    ]
    for text in ("b", "c"):
        publish_guidelines(projects[0], text, "minor")
    at = f"/api/v1/projects/{projects[0].pk}/"
    rows = _walk(client, f"{at}guidelines/", 2)
    assert [row["number"] for row in rows] == [3, 2, 1]
    assert all("text" not in row for row in rows)
    assert client.get(f"{at}guidelines/2/").json()["text"] == "b"
    for _ in range(3):
        make_batch(projects[0], items=0)
    assert [row["number"] for row in _walk(client, f"{at}batches/", 2)] == [3, 2, 1]


def test_annotations_by_batch_and_state(workspace_a, project, annotators):
    """Filtered, page by page, each once."""
    batches = [make_batch(project, items=3, first=n) for n in (1, 100)]
    for annotator in annotators:
        while (lease := annotator.lease()) is not None:
            annotator.submit(lease)
    client, path = workspace_a.client, f"/api/v1/projects/{project.pk}/annotations/"
    rows = _walk(client, path, 4)
    assert len({row["id"] for row in rows}) == len(rows) == 18
    assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)
    of_one = client.get(f"{path}?batch={batches[1].pk}").json()["results"]
    assert len(of_one) == 9 and {row["batch"] for row in of_one} == {str(batches[1].pk)}
    client.post(f"/api/v1/annotations/{rows[0]['id']}/accept/")
    assert len(client.get(f"{path}?state=accepted").json()["results"]) == 1
    assert len(client.get(f"{path}?state=submitted").json()["results"]) == 17


def test_agreement_names_a_page_of_batches(workspace_a, project, annotators, deliver):
    """Newest first, those with answers alone; the next page is named, and the project's own figures stay."""
    batches = [make_batch(project, items=2, first=n * 10) for n in range(1, 4)]
    make_batch(project, items=2, first=90)
    for annotator in annotators[:2]:
        for _ in range(6):
            annotator.submit(annotator.lease())
    deliver()
    with planes.in_workspace(workspace_a.pk):
        quality.refresh_agreement(project_id=project.pk)
    client, path = workspace_a.client, f"/api/v1/projects/{project.pk}/agreement/"
    whole = client.get(path).json()
    expected = [str(batch.pk) for batch in reversed(batches)]
    assert [row["batch"] for row in whole["batches"]] == expected
    assert whole["batches_next"] is None
    found, url = [], f"{path}?page_size=2"
    while url:
        body = client.get(url).json()
        assert body["project"] == whole["project"]
        found += [row["batch"] for row in body["batches"]]
        url = body["batches_next"]
    assert found == expected
    assert client.get(f"{path}?cursor=x").status_code == 400


def test_a_project_in_full(workspace_a):
    """With its form; what was sent comes back, and what was left out has its default."""
    fields = {
        "name": "  Helpfulness é ",
        "access": "market",
        "price_minor": 40,
        "overlap": 2,
        "lease_minutes": 5,
    }
    made = workspace_a.client.post("/api/v1/projects/", fields).json()
    read = workspace_a.client.get(f"/api/v1/projects/{made['id']}/").json()
    assert made == read
    assert read["name"] == "Helpfulness é"
    assert read["price"] == {"amount_minor": 40, "currency": "USD"}
    assert (read["overlap"], read["lease_minutes"], read["auto_accept_hours"]) == (2, 5, 72)
    assert read["guideline_version"] is None and read["status"] == "active"
    assert [q["name"] for q in read["form"]["questions"]] == ["preference", "reason"]


def test_publishing(workspace_a, project):
    """Once; an older version than that in force is refused; the text is kept as written."""
    client, at = workspace_a.client, f"/api/v1/projects/{project.pk}/guidelines/"
    text = "  # Fair\r\n\tRead both.  \n"
    for _ in range(2):
        made = client.post(at, {"text": text})
        assert made.status_code == 201 and made.json()["text"] == text
    assert client.post(f"{at}3/publish/").status_code == 200
    assert client.post(f"{at}3/publish/").status_code == 200
    older = client.post(f"{at}2/publish/")
    assert (older.status_code, older.json()["code"]) == (409, "superseded")
    assert client.post(f"{at}9/publish/").status_code == 404
    assert client.get(f"{at}{10**20}/").status_code == 404
    assert client.get(f"/api/v1/projects/{project.pk}/").json()["guideline_version"] == 3


def test_what_a_batch_refuses(workspace_a, project):
    """Each step in its order, with words that say what is missing."""
    client = workspace_a.client
    bare = make_project(workspace_a, publish=False)
    empty, unread = make_batch(project, items=0), make_batch(bare, open=False)
    steps = [
        (empty, "fund", "no_items"),
        (empty, "open", "not_funded"),
        (unread, "open", "no_guidelines"),
    ]
    for batch, action, code in steps:
        response = client.post(f"/api/v1/batches/{batch.pk}/{action}/")
        assert (response.status_code, response.json()["code"]) == (409, code)
    closed = client.post(f"/api/v1/batches/{empty.pk}/close/")
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")
    assert client.post(f"/api/v1/batches/{empty.pk}/open/").json()["code"] == "closed"


def test_too_little_money(workspace_a, project):
    """Nothing is moved and no slot is made."""
    dear = make_project(workspace_a, price_minor=10**7)
    batch = make_batch(dear, fund=False)
    before = workspace_a.client.get("/api/v1/balance/").json()
    response = workspace_a.client.post(f"/api/v1/batches/{batch.pk}/fund/")
    assert (response.status_code, response.json()["code"]) == (409, "not_enough_money")
    assert workspace_a.client.get("/api/v1/balance/").json() == before
    quoted = workspace_a.client.get(f"/api/v1/batches/{batch.pk}/fund/").json()
    assert (quoted["state"], quoted["started_at"]) == ("none", None)


def test_a_large_batch_is_funded_by_the_worker(workspace_a, project, monkeypatch):
    """The answer is 202 with the progress; a worker does the rest in chunks."""
    from billing.funding import services

    monkeypatch.setattr(services, "SMALL", 1)
    monkeypatch.setattr(services, "CHUNK_ITEMS", 2)
    batch = make_batch(project, fund=False)
    path = f"/api/v1/batches/{batch.pk}/fund/"
    started = workspace_a.client.post(path)
    assert (started.status_code, started.json()["state"], started.json()["funded"]) == (
        202,
        "running",
        0,
    )
    run = services.Funding.objects.model._base_manager.get()  # type: ignore[attr-defined]
    seen = []
    while services.continue_chunk(workspace_id=workspace_a.pk, funding_id=run.pk):
        seen.append(workspace_a.client.get(path).json()["funded"])
    assert seen == [2, 4]
    done = workspace_a.client.get(path).json()
    assert (done["state"], done["funded"], done["total"]) == ("funded", 5, 5)
    again = workspace_a.client.post(path)
    assert (again.status_code, again.json()["state"]) == (202, "funded")
