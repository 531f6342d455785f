"""An annotator's notices over REST: those of their key's workspace, and no others."""

import uuid
from typing import Any

import pytest

from tests import people
from tests.factories import Tenant
from tests.notices.told import DECIDED, notices, tell
from tests.people import Annotator

PATH = "/api/v1/desk/notices/"


@pytest.fixture
def ada(annotators: list[Annotator]) -> Annotator:
    return annotators[0]


def read(ada: Annotator, query: str = "") -> list[dict[str, Any]]:
    answer = ada.client.get(PATH + query)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_ones_own_notices_of_the_keys_workspace(
    workspace_a: Tenant, workspace_b: Tenant, ada: Annotator
) -> None:
    tell(workspace_a, ada.user, project="Here")
    tell(workspace_a, ada.user, kind=DECIDED, project="Decided")
    tell(workspace_b, ada.user, project="Elsewhere")
    tell(workspace_a, people.make_user(), project="Anothers")
    decided, first = read(ada)
    assert (first["title"], first["text"], first["path"]) == ("About Here", "It is number 3.", "/")
    assert first.keys() == {
        *("id", "kind", "topic", "title", "text", "path", "created_at", "read_at")
    }
    assert read(ada, "?topic=decisions") == [decided]
    assert ada.client.get(PATH + "?topic=weather").status_code == 400
    assert ada.client.get(PATH + "?unread=false").status_code == 400
    assert workspace_a.client.get(PATH).status_code == 403


def test_some_are_marked_as_read(workspace_a: Tenant, workspace_b: Tenant, ada: Annotator) -> None:
    for cause in range(3):
        tell(workspace_a, ada.user, cause)
    tell(workspace_b, ada.user, "elsewhere")
    other = people.make_user()
    tell(workspace_a, other)
    mine, (theirs,) = notices(ada.user), notices(other)
    ids = [str(one.pk) for one in (mine[0], mine[3], theirs)] + [str(uuid.uuid4())]
    for expected in (1, 0):
        answer = ada.client.post(PATH + "read/", {"notices": ids})
        assert (answer.status_code, answer.json()) == (200, {"read": expected})
    assert [bool(one.read_at) for one in notices(ada.user)] == [True, False, False, False]
    assert not notices(other)[0].read_at
    assert [one["id"] for one in read(ada, "?unread=true")] == [str(mine[2].pk), str(mine[1].pk)]


@pytest.mark.parametrize(
    "body", [{}, {"notices": "all"}, {"notices": ["x"]}, {"notices": [str(uuid.UUID(int=1))] * 101}]
)
def test_a_wrong_body_is_refused(ada: Annotator, body: dict[str, Any]) -> None:
    assert ada.client.post(PATH + "read/", body).status_code == 400
