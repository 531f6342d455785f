"""REST for keyed items and their keys. Only keys with the scope `write` may see right answers."""

import uuid
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.formats.reading.spool import Spooled
from projects.items import imports, pools
from projects.items.api.items import Items
from projects.items.api.shapes import ItemAnswer, ItemBody, Receipt
from projects.items.keys import selectors, services
from projects.items.models import Batch, Item, Key
from projects.overview.keyed import keyed_items
from projects.plan.models import Project
from projects.quality.api.measured import HitsAnswer
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Choice, NoFields, Text
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import KeyPages
from rlhfhub.api.queries import PageQuery, Query
from rlhfhub.api.schema import KEY, paged
from rlhfhub.api.views import WorkspaceAPIView, by_id
from rlhfhub.tenancy.decorators import unscoped
from rlhfhub.web import bodies


class KeyAnswer(serializers.ModelSerializer[Key]):
    """One person's right answer; it names responses by their index in the item."""

    item = serializers.UUIDField(source="item_id")
    answer = serializers.JSONField()

    class Meta:
        model = Key
        fields: tuple[str, ...] = (
            "id",
            "item",
            "question",
            "answer",
            "by",
            "source",
            "rule",
            "note",
            "created_at",
            "retired_at",
            "retired_because",
        )


class HealthAnswer(serializers.Serializer[Any]):
    question = serializers.CharField()
    answers = serializers.IntegerField(
        source="health.answers",
        help_text="Number of people who answered it since its keys count.",
    )
    every = HitsAnswer(source="health.every", help_text="Of all of them.")
    good = HitsAnswer(
        source="health.good",
        help_text="Of good annotators: those whose share of hits on other keyed items is above 0.7, with its interval.",
    )
    fault = serializers.CharField(
        source="health.fault",
        help_text="Why its keys should be retired, which a check does every hour; empty if they are sound.",
    )
    at = serializers.DateTimeField(help_text="When this was computed.")


class KeyedItemAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="item.pk")
    external_id = serializers.CharField(source="item.external_id")
    keys = serializers.IntegerField(help_text="Number of right answers that count.")
    retired = serializers.IntegerField(help_text="Number of retired right answers.")
    unanimous = serializers.ListField(
        child=serializers.CharField(),
        help_text="The questions on which three or more people's answers agree and none differs.",
    )
    disputed = serializers.ListField(
        child=serializers.CharField(),
        help_text="The questions on which people's right answers differ.",
    )
    exposures = serializers.IntegerField(
        help_text="Number of people who have seen it: who answered, hold or returned it, or let their time run out."
    )
    health = HealthAnswer(many=True, help_text="Of each question that was answered.")
    created_at = serializers.DateTimeField(source="item.created_at")


class OneKeyedItemAnswer(serializers.Serializer[Any]):
    item = ItemAnswer()
    unanimous = serializers.ListField(child=serializers.CharField())
    disputed = serializers.ListField(child=serializers.CharField())
    exposures = serializers.IntegerField()
    health = HealthAnswer(many=True)
    keys = KeyAnswer(many=True, help_text="All right answers, retired ones too, the oldest first.")


class KeysReceipt(Receipt):
    keys = serializers.IntegerField(help_text="Number of new right answers.")


class KeyedItemBody(ItemBody):
    key = serializers.JSONField(
        help_text='The right answer, such as `{"preference": {"choice": "0"}}`, or a list of `{"by", '
        '"answer", "rule"?, "note"?}`, one for each person. Responses are named by their index in the row, as '
        "text."
    )


class PickBody(Body):
    answer = serializers.JSONField(
        help_text="The right answer to one question of the form or more. Responses are named by their index, as text."
    )
    by = Text(max_length=120, help_text="The name of the person who gives it.")
    rule = Text(max_length=12, required=False, allow_blank=True, help_text="Such as R3.")
    note = Text(max_length=2000, required=False, allow_blank=True)
    source = Choice(  # type: ignore[assignment]
        choices=["picked", "panel", "adjudicated"],
        required=False,
        help_text="How it was found: by one person (`picked`, unless said), by a panel, or adjudicated after "
        "annotators differed.",
    )


class RetireBody(Body):
    because = Text(max_length=500, help_text="Why it is retired.")


class Keys(Items):
    """The keyed items of a project. An upload is received as one into a batch is."""

    scopes: ClassVar = {"GET": "write", "POST": "write"}
    queries: ClassVar = {"GET": PageQuery, "POST": Query}
    finds: ClassVar = {"project": by_id(Project, "form")}

    def batch_of(self, found: Any) -> Batch:
        return pools.pool_of(found)

    def upload_of(self, spooled: Spooled) -> imports.Upload:
        return imports.Upload(spooled.path, spooled.sha256, "abort")

    def receipt_of(self, receipt: imports.Receipt) -> dict[str, Any]:
        return {**receipt.as_json(), "keys": receipt.keys}

    @extend_schema(responses=paged(KeyedItemAnswer))
    def get(self, request: Request, project: Project) -> Response:  # type: ignore[override]
        """List the project's keyed items, newest first."""
        rows = selectors.keyed_items(project).defer("prompt", "responses", "context", "metadata")
        pages = KeyPages("-id")
        pages.take(rows, request, lambda item: str(item.pk))
        found = keyed_items(project, pages.page or [])
        return pages.get_paginated_response(KeyedItemAnswer(found, many=True).data)

    @extend_schema(
        parameters=[KEY],
        request={
            "application/json": KeyedItemBody(many=True),
            "application/x-ndjson": KeyedItemBody,
        },
        responses={
            201: KeysReceipt,
            400: OpenApiResponse(
                description="Rows that are wrong, each with its number and field. Nothing was stored."
            ),
        },
    )
    def post(self, request: Request, project: uuid.UUID) -> Response | bodies.Continue:
        """Import keyed items: rows as for a batch, each with its right answer under `key`. All rows or none.

        They are no items of the project's data. A row with the content of a keyed item adds its answers to that one.
        """
        return self.receive(request, "project", project)


keys = unscoped(Keys.as_view())


def _keyed_item(pk: uuid.UUID) -> Item:
    rows = Item.every.filter(batch__is_pool=True, repeat_of=None).select_related("project__form")
    found: Item = get_object_or_404(rows, pk=pk)
    return found


def _any_item(pk: uuid.UUID) -> Item:
    rows = Item.every.filter(repeat_of=None).select_related("project__form")
    found: Item = get_object_or_404(rows, pk=pk)
    return found


class OneKeyedItem(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "write"}
    finds: ClassVar = {"item": _keyed_item}

    @extend_schema(responses=OneKeyedItemAnswer)
    def get(self, request: Request, item: Item) -> Response:
        """Return one keyed item with all its right answers."""
        (found,) = keyed_items(item.project, [item])
        rows = Key.objects.filter(item=item).order_by("pk")
        return Response(
            {
                "item": ItemAnswer(item).data,
                "unanimous": found.unanimous,
                "disputed": found.disputed,
                "exposures": found.exposures,
                "health": HealthAnswer(found.health, many=True).data,
                "keys": KeyAnswer(rows, many=True).data,
            }
        )


class PickItem(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"item": _any_item}

    @extend_schema(request=PickBody, responses={201: KeyedItemAnswer})
    @idempotent
    def post(self, request: Request, item: Item) -> Response:
        """Give the right answer to an item. An item of a batch is copied to the keyed items, and stays in its batch."""
        given = PickBody.read(request)
        keyed = services.pick(item=item, actor_id=caller_of(request).created_by_id, **given)
        (found,) = keyed_items(item.project, [keyed])
        return Response(KeyedItemAnswer(found).data, status=201)


class RetireKey(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"key_id": by_id(Key)}

    @extend_schema(request=RetireBody, responses=KeyAnswer)
    @idempotent
    def post(self, request: Request, key_id: Key) -> Response:
        """Retire a right answer: it no longer counts."""
        because = RetireBody.read(request)["because"]
        actor_id = caller_of(request).created_by_id
        return Response(
            KeyAnswer(services.retire(key=key_id, because=because, actor_id=actor_id)).data
        )


class RestoreKey(WorkspaceAPIView):
    scopes: ClassVar = {"POST": "write"}
    finds: ClassVar = {"key_id": by_id(Key)}

    @extend_schema(request=None, responses=KeyAnswer)
    @idempotent
    def post(self, request: Request, key_id: Key) -> Response:
        """Let a retired right answer count again."""
        NoFields.read(request)
        actor_id = caller_of(request).created_by_id
        return Response(KeyAnswer(services.restore(key=key_id, actor_id=actor_id)).data)
