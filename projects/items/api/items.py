"""The items of a batch over REST: import and list.

An import has three parts, so that a slow sender never holds a transaction: a short look (is there such a
batch, does it take items), the body to disk without the database, and one transaction that asks for the key
anew, checks every row and stores all of it. Of a long body the server asks first (rlhfhub.web.bodies): the short
look is then made twice, before the body comes in and after it.
"""

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, get_args

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from projects.formats.intake import OnError
from projects.items import imports, uploads
from projects.items.api.shapes import ItemAnswer, ItemBody, Receipt, UploadForm
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

_fetch = by_id(Batch, "project")


class ImportQuery(Query):
    """How an import treats bad rows."""

    on_error = serializers.ChoiceField(
        choices=get_args(OnError),
        default="abort",
        help_text="One bad row refuses the whole upload (`abort`) or is left out (`skip`).",
    )


class Items(WorkspaceAPIView):
    """Opens its transactions itself: the middleware would hold one while the body comes in."""

    scopes: ClassVar = {"GET": "read", "POST": "write"}
    queries: ClassVar = {"GET": PageQuery, "POST": ImportQuery}
    throttle_classes = (CostlyWrites,)
    throttle_scope = "imports"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method == "POST":
            with at_door(request):
                super().initial(request, *args, **kwargs)
        else:
            open_at_door(request)
            super().initial(request, *args, **kwargs)

    def check_throttles(self, request: Request) -> None:
        # An upload counts once: when its headers are judged, if they are judged alone.
        if not bodies.is_wanted(request._request):
            super().check_throttles(request)

    def handle_exception(self, exc: Exception) -> Response:
        if self.request.method == "POST":
            bodies.drain(self.request._request)
        return super().handle_exception(exc)

    @extend_schema(responses=paged(ItemAnswer))
    def get(self, request: Request, batch: uuid.UUID) -> Response:
        """The batch's items, in order."""
        rows = Item.objects.filter(batch=_fetch(batch))
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
        """
        with self._inside(batch) as row:
            if not _is_answered(request):
                imports.check_importable(row)
        uploads.check_headers(request._request)
        if bodies.is_announced(request._request):
            return bodies.wanted(request._request, str(caller_of(request).workspace_id))
        with uploads.folder() as folder:
            spooled = uploads.receive(request._request, folder)
            upload = imports.Upload(spooled.path, spooled.sha256, self.query["on_error"])
            with self._inside(batch) as row, uploads.refusing():
                return _once(request, row, upload)

    @contextmanager
    def _inside(self, batch_id: uuid.UUID) -> Iterator[Batch]:
        """A transaction in the workspace plane, its key looked up anew: it may have been revoked meanwhile."""
        with at_door(self.request):
            found = ApiKeyAuthentication().authenticate(self.request)
            if found is None:
                raise NotAuthenticated
            self.request.user = found[0]  # type: ignore[assignment]
            self.check_permissions(self.request)
            yield _fetch(batch_id)


items = unscoped(Items.as_view())


def _is_answered(request: Request) -> bool:
    """Whether this Idempotency-Key has its answer: then the batch may have gone on since."""
    key = request.headers.get(idempotency.HEADER)
    caller = caller_of(request)
    return key is not None and idempotency.is_known(
        actor_id=caller.key_id, route=request.path, key=key
    )


def _once(request: Request, batch: Batch, upload: imports.Upload) -> Response:
    """Load, or give the earlier answer to the same Idempotency-Key."""
    caller, route = caller_of(request), request.path
    key = request.headers.get(idempotency.HEADER)
    if key:
        asked = f"{upload.sha256} {upload.on_error}"
        earlier = idempotency.claim(
            workspace_id=caller.workspace_id,
            actor_id=caller.key_id,
            route=route,
            key=key,
            body_sha256=hashlib.sha256(asked.encode()).hexdigest(),
        )
        if earlier is not None:
            return idempotency.replay(earlier)
    receipt = imports.load(batch=batch, upload=upload, actor_id=caller.created_by_id)
    if key:
        idempotency.keep(actor_id=caller.key_id, route=route, key=key, status=201, answer=receipt)
    return Response(receipt, status=201)
