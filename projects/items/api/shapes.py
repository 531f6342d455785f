"""The shapes of items and receipts in REST. The import does not use them: `projects.formats` reads its rows."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from projects.formats.reading.item_warnings import KINDS, SAME_CONTENT
from projects.items.models import Item
from projects.items.warnings import LISTED


class MessageBody(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=["system", "user", "assistant", "tool"])
    content = serializers.CharField()


class StoredResponse(serializers.Serializer[Any]):
    messages = MessageBody(many=True)
    model = serializers.CharField(required=False)


@extend_schema_field(MessageBody(many=True))
class Messages(serializers.JSONField):
    """Stored messages, returned unchanged."""


@extend_schema_field(StoredResponse(many=True))
class Responses(serializers.JSONField):
    """Stored responses, returned unchanged."""


class ItemAnswer(serializers.ModelSerializer[Item]):
    prompt = Messages()
    responses = Responses()
    context = serializers.JSONField()  # type: ignore[assignment]
    metadata = serializers.JSONField()

    class Meta:
        model = Item
        fields: tuple[str, ...] = (
            "id",
            "seq",
            "external_id",
            "prompt",
            "responses",
            "context",
            "metadata",
            "created_at",
        )


class ReceiptRow(serializers.Serializer[Any]):
    row = serializers.IntegerField()
    field = serializers.CharField()
    message = serializers.CharField()


class WarningRow(serializers.Serializer[Any]):
    code = serializers.ChoiceField(choices=[kind.code for kind in (*KINDS, SAME_CONTENT)])
    words = serializers.CharField()
    count = serializers.IntegerField(help_text="The number of rows with this warning.")
    rows = serializers.ListField(
        child=serializers.IntegerField(),
        help_text=f"The numbers of the first {LISTED} of these rows.",
    )


class Receipt(serializers.Serializer[Any]):
    received = serializers.IntegerField()
    created = serializers.IntegerField()
    duplicates = serializers.IntegerField(
        help_text="Rows that were left out because they repeat an item or another row."
    )
    rejected = ReceiptRow(many=True, help_text="The first 1000 rows that were left out as wrong.")
    rejected_count = serializers.IntegerField()
    warnings = WarningRow(
        many=True, help_text="Rows that were imported but may need your attention."
    )


class ResponseBody(serializers.Serializer[Any]):
    text = serializers.CharField(required=False, help_text="Give either `text` or `messages`.")
    messages = MessageBody(many=True, required=False)
    model = serializers.CharField(required=False, max_length=200)


class ItemBody(serializers.Serializer[Any]):
    external_id = serializers.CharField(
        required=False,
        max_length=200,
        help_text="Your own id of the item. It is unique in the project.",
    )
    prompt = serializers.JSONField(
        help_text="A text, or messages of which the last is from the user."
    )
    responses = ResponseBody(many=True)
    context = serializers.DictField(required=False, help_text="Shown to annotators.")  # type: ignore[assignment]
    metadata = serializers.DictField(
        required=False, help_text="Stored with the item, never shown to annotators."
    )


class UploadForm(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="A JSON array or NDJSON, plain or gzipped.")
