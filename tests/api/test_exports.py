"""Exports over REST: requesting, polling, downloading."""

import hashlib
import io
import json
import zipfile

import pytest

from projects.exports import engine
from projects.exports.models import Export
from rlhfhub.tenancy import planes
from tests.api.unchanged import nothing_changes


@pytest.fixture
def judged(workspace_a, batch, annotators):
    """Three accepted answers to every item; the first response wins all but one item, which is a tie."""
    for annotator in annotators:
        while (lease := annotator.lease()) is not None:
            question = lease["prompt"][0]["content"]
            if question == "Question 5?":
                assert annotator.submit(lease, "tie").status_code == 201
            else:
                assert annotator.prefer(lease, _first(lease)).status_code == 201
    rows = workspace_a.client.get(f"/api/v1/projects/{batch.project_id}/annotations/").json()[
        "results"
    ]
    ids = {"ids": [row["id"] for row in rows]}
    assert workspace_a.client.post("/api/v1/annotations/accept/", ids).json() == {
        "accepted": 15,
        "left_out": [],
    }
    return batch


def _first(lease):
    texts = [shown["messages"][0]["content"] for shown in lease["responses"]]
    return next(text for text in texts if text.startswith("First"))


def _run(tenant, export):
    engine.run(workspace_id=tenant.pk, export_id=export["id"])
    return tenant.client.get(f"/api/v1/exports/{export['id']}/").json()


def _bytes(response):
    assert response.status_code == 200
    return b"".join(response.streaming_content)


@pytest.mark.slow
def test_an_export(workspace_a, judged):
    """Queued, run, listed, and every listed file is what its checksum says."""
    client, at = workspace_a.client, f"/api/v1/projects/{judged.project_id}/exports/"
    asked = client.post(at, {"dataset": "dpo", "batch": str(judged.pk)})
    assert asked.status_code == 202
    export = asked.json()
    assert (export["state"], export["batch"], export["files"]) == ("queued", str(judged.pk), [])
    waiting = client.get(f"/api/v1/exports/{export['id']}/download/")
    assert (waiting.status_code, waiting.json()["code"]) == (409, "not_finished")

    done = _run(workspace_a, export)
    assert (done["state"], done["rows"], done["counts"]["items_tied"]) == ("finished", 4, 1)
    assert [row["id"] for row in client.get(at).json()["results"]] == [export["id"]]
    download = f"/api/v1/exports/{export['id']}/download/"
    for file in done["files"]:
        body = _bytes(client.get(download, {"file": file["path"]}))
        assert (len(body), hashlib.sha256(body).hexdigest()) == (file["bytes"], file["sha256"])
    lines = _bytes(client.get(f"{download}?file=train.jsonl")).splitlines()
    assert len(lines) == 4
    assert all(json.loads(line)["chosen"][-1]["content"].startswith("First") for line in lines)
    archive = client.get(download)
    assert "attachment" in archive.headers["Content-Disposition"]
    assert archive.headers["X-Content-Type-Options"] == "nosniff"
    assert zipfile.ZipFile(io.BytesIO(_bytes(archive))).testzip() is None


@pytest.mark.slow
def test_files_that_are_not_the_exports(workspace_a, judged):
    """Any other file name gives 404."""
    export = workspace_a.client.post(f"/api/v1/projects/{judged.project_id}/exports/", {}).json()
    _run(workspace_a, export)
    with nothing_changes():
        for name in (
            "..",
            "../../x",
            "/etc/passwd",
            "train.jsonl/",
            "TRAIN.JSONL",
            "x\x00",
            "%2e%2e",
        ):
            response = workspace_a.client.get(
                f"/api/v1/exports/{export['id']}/download/", {"file": name}
            )
            assert response.status_code == 400, name
            assert [error["field"] for error in response.json()["errors"]] == ["file"], name


@pytest.mark.slow
def test_no_name_of_an_annotator(workspace_a, judged, annotators):
    """Neither in the manifest nor in any file."""
    export = workspace_a.client.post(f"/api/v1/projects/{judged.project_id}/exports/", {}).json()
    done = _run(workspace_a, export)
    everything = json.dumps(done).encode()
    for file in done["files"]:
        response = workspace_a.client.get(
            f"/api/v1/exports/{export['id']}/download/?file={file['path']}"
        )
        everything += _bytes(response)
    for annotator in annotators:
        for secret in (annotator.user.email, annotator.user.name, str(annotator.user.pk)):
            assert secret.encode() not in everything


def test_a_finished_export_whose_files_are_gone(workspace_a, judged, settings, tmp_path):
    """404, and not a fault."""
    export = workspace_a.client.post(f"/api/v1/projects/{judged.project_id}/exports/", {}).json()
    _run(workspace_a, export)
    settings.STORAGE_DIR = tmp_path
    assert workspace_a.client.get(f"/api/v1/exports/{export['id']}/download/").status_code == 404


def test_exports_are_numbered(workspace_a, project):
    """From 1 in each project."""
    at = f"/api/v1/projects/{project.pk}/exports/"
    assert [workspace_a.client.post(at, {}).json()["number"] for _ in range(3)] == [1, 2, 3]
    with planes.in_workspace(workspace_a.pk):
        assert Export.objects.count() == 3
