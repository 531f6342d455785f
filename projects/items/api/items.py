"""The items of a batch over REST: import (`upload_flow`) and list."""

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, get_args

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from projects.formats.reading.intake import OnError
from projects.items import imports, upload_flow, uploads
from projects.items.api.shapes import ItemAnswer, ItemBody, Receipt, UploadForm
from projects.items.imports import OnSame
from projects.items.models import Batch, Item
from rlhfhub.api import idempotency
from rlhfhub.api.authentication import ApiKeyAuthentication, caller_of
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery, Query
from rlhfhub.api.schema import KEY, paged
from rlhfhub.api.throttles import CostlyWrites
from rlhfhub.api.views import WorkspaceAPIView, at_door, by_id, open_at_door
from rlhfhub.tenancy.decorators import unscoped
from rlhfhub.web import bodies


class ImportQuery(Query):
    """How an import treats bad rows."""

    on_error = serializers.ChoiceField(
        choices=get_args(OnError),
        default="abort",
        help_text="One bad row refuses the whole upload (`abort`) or is left out (`skip`).",
    )
    on_same = serializers.ChoiceField(
        choices=get_args(OnSame),
        default="keep",
        help_text="A row with the prompt, context and responses of another row or item, in whatever order and under "
        "another external id, comes in with a warning (`keep`), is left out as a duplicate (`skip`), or is a bad row "
        "(`refuse`).",
    )


class Items(WorkspaceAPIView):
    """Opens its transactions itself: the middleware would hold one while the body comes in."""

    scopes: ClassVar = {"GET": "read", "POST": "write"}
    queries: ClassVar = {"GET": PageQuery, "POST": ImportQuery}
    finds: ClassVar = {"batch": by_id(Batch, "project__form")}
    throttle_classes = (CostlyWrites,)
    throttle_scope = "imports"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # A POST begins with its upload's first look.
        if request.method != "POST":
            open_at_door(request)
            self.begin(request)

    def begin(self, request: Request) -> None:
        """What comes before every handler: the caller, their rights and limits, and the batch."""
        super().initial(request, **self.kwargs)

    def check_throttles(self, request: Request) -> None:
        # An upload counts once: when its headers are judged, if they are judged alone.
        if not bodies.is_wanted(request._request):
            super().check_throttles(request)

    def handle_exception(self, exc: Exception) -> Response:
        if self.request.method == "POST":
            bodies.drain(self.request._request)
        return super().handle_exception(exc)

    @extend_schema(responses=paged(ItemAnswer))
    def get(self, request: Request, batch: Batch) -> Response:
        """The batch's items, in order."""
        rows = Item.objects.filter(batch=batch)
        return page(request, rows, ItemAnswer, ordering="seq")

    @extend_schema(
        parameters=[KEY],
        request={
            "application/json": ItemBody(many=True),
            "application/x-ndjson": ItemBody,
            uploads.MULTIPART: UploadForm,
        },
        responses={
            201: Receipt,
            400: OpenApiResponse(description="Rows that cannot be taken, each with its field."),
            409: OpenApiResponse(description="The batch is funded already (`not_draft`)."),
            411: OpenApiResponse(
                description="Lines in chunks, or a form, through a server that cannot tell whether all came."
            ),
            413: OpenApiResponse(description="Too large."),
            415: OpenApiResponse(description="Neither JSON, NDJSON nor a form, or not gzip."),
        },
    )
    def post(self, request: Request, batch: uuid.UUID) -> Response | bodies.Continue:
        """Import items: a JSON array, NDJSON, or a file in a form.

        Gzip is taken with Content-Encoding, or as a .gz file. Whole or not at all, unless `on_error=skip`.
        The receipt also warns of rows that came in and may surprise you.
        """
        sender = _Key(self, request, batch)
        wanted = upload_flow.look(sender)
        return upload_flow.take(sender) if wanted is None else wanted


class _Key:
    """The sender is an API key."""

    def __init__(self, view: Items, asked: Request, batch_id: uuid.UUID) -> None:
        self.request = asked._request
        self._view, self._asked, self._batch_id = view, asked, batch_id

    @contextmanager
    def inside(self, *, first: bool) -> Iterator[Batch]:
        """The key is looked up anew each time."""
        view, asked = self._view, self._asked
        with at_door(asked):
            if first:
                view.begin(asked)
                yield view.kwargs["batch"]
                return
            found = ApiKeyAuthentication().authenticate(asked)
            if found is None:
                raise NotAuthenticated
            asked.user = found[0]  # type: ignore[assignment]
            view.check_permissions(asked)
            yield view.finds["batch"](self._batch_id)

    def is_answered(self) -> bool:
        """An Idempotency-Key that has its answer gets it again, though the batch may have gone on since."""
        return idempotency.is_answered(self._asked)

    def check_headers(self) -> None:
        """What is to be done with doubtful rows, and that it is JSON, lines or a form."""
        uploads.check_kind(self.request)

    def receive(self, folder: Path) -> imports.Upload:
        """The body as it is, or the file in its form."""
        spooled = uploads.receive(self.request, folder)
        query = self._view.query
        return imports.Upload(spooled.path, spooled.sha256, query["on_error"], query["on_same"])

    def store(self, batch: Batch, upload: imports.Upload) -> Response:
        """Load it, or give the earlier answer to the same Idempotency-Key."""
        actor_id = caller_of(self._asked).created_by_id

        def load() -> Response:
            receipt = imports.load(batch=batch, upload=upload, actor_id=actor_id)
            return Response(receipt.as_json(), status=201)

        body = f"{upload.sha256} {upload.on_error} {upload.on_same}"
        return idempotency.once(self._asked, hashlib.sha256(body.encode()).hexdigest(), load)


items = unscoped(Items.as_view())
