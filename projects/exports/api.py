"""Exports over REST: ask for one, follow it, download its files."""

from typing import Any, ClassVar

import msgspec
from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.exports import services, storage
from projects.exports.models import Export
from projects.formats import writing
from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Choice, Flag, Id
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery, Query
from rlhfhub.api.schema import paged
from rlhfhub.api.throttles import CostlyWrites
from rlhfhub.api.views import WorkspaceAPIView, by_id
from rlhfhub.ground.refusals import Refused, invalid


class DatasetChoice(Choice):
    """One of the registered datasets."""

    def __init__(self, **more: Any) -> None:
        super().__init__(choices=[dataset.NAME for dataset in writing.every()], **more)


class ExportBody(Body):
    batch = Id(
        required=False, allow_null=True, help_text="One batch only; the whole project unless given."
    )
    include_undecided = Flag(
        default=False,
        help_text=(
            "Also count annotations that are not decided yet; a row's metadata then says how many of them it rests on. "
            "Otherwise an item that has one makes no row. `annotations` always has them, each with its state."
        ),
    )

    def get_fields(self) -> dict[str, Any]:
        help_text = "The first that the project's form can make, unless given."
        return {
            **super().get_fields(),
            "dataset": DatasetChoice(required=False, help_text=help_text),
        }


class ExportFile(serializers.Serializer[Any]):
    path = serializers.CharField(help_text="For `?file=` of the download.")
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()


class ExportRow(serializers.ModelSerializer[Export]):
    project = serializers.UUIDField(source="project_id")
    batch = serializers.UUIDField(source="batch_id", allow_null=True)
    rows = serializers.IntegerField(help_text="Rows in it, once its membership is frozen.")
    files = serializers.SerializerMethodField()

    class Meta:
        model = Export
        fields: tuple[str, ...] = (
            "id",
            "project",
            "batch",
            "number",
            "dataset",
            "include_undecided",
            "state",
            "rows",
            "rows_written",
            "counts",
            "files",
            "sha256",
            "error",
            "created_at",
            "frozen_at",
            "finished_at",
        )

    @extend_schema_field(ExportFile(many=True))
    def get_files(self, export: Export) -> Any:
        return msgspec.to_builtins(storage.files(export))


class ExportAnswer(ExportRow):
    class Meta(ExportRow.Meta):
        fields = (*ExportRow.Meta.fields, "manifest")


class Exports(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "POST": "export"}
    queries: ClassVar = {"GET": PageQuery}
    throttle_classes = (CostlyWrites,)
    throttle_scope = "exports"
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=paged(ExportRow))
    def get(self, request: Request, project: Project) -> Response:
        """The project's exports, newest first."""
        rows = Export.objects.filter(project=project)
        return page(request, rows, ExportRow, ordering="-number")

    @extend_schema(request=ExportBody, responses={202: ExportAnswer})
    @idempotent
    def post(self, request: Request, project: Project) -> Response:
        """Ask for an export. It is made by a worker: follow `state` until it is `finished`."""
        fields = ExportBody.read(request)
        batch = _batch(project, fields.get("batch"))
        export = services.request(
            project=project,
            dataset=fields.get("dataset"),
            batch=batch,
            include_undecided=fields["include_undecided"],
            actor_id=caller_of(request).created_by_id,
        )
        return Response(ExportAnswer(export).data, status=202)


def _batch(project: Project, batch_id: Any) -> Batch | None:
    if batch_id is None:
        return None
    batch = Batch.objects.filter(project=project, pk=batch_id).first()
    if batch is None:
        raise invalid("batch", "no such batch in this project")
    return batch


class OneExport(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    finds: ClassVar = {"export": by_id(Export)}

    @extend_schema(responses=ExportAnswer)
    def get(self, request: Request, export: Export) -> Response:
        """An export, how far it has come, and its manifest."""
        return Response(ExportAnswer(export).data)


class FileQuery(Query):
    """Which file of an export."""

    file = serializers.CharField(
        required=False,
        trim_whitespace=False,
        help_text="A `path` of the export's files; the zip of the folder unless given.",
    )


class Download(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "export"}
    queries: ClassVar = {"GET": FileQuery}
    finds: ClassVar = {"export": by_id(Export)}

    @extend_schema(
        responses={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            409: OpenApiResponse(description="Not finished yet (`not_finished`)."),
        },
    )
    def get(self, request: Request, export: Export) -> Any:
        """A file of a finished export."""
        if export.state != Export.State.FINISHED:
            raise Refused("not_finished", f"This export is {export.state}.", status=409)
        names = [file.path for file in storage.files(export)]
        name = self.query.get("file", names[0])
        if name not in names:
            raise invalid("file", "no such file in this export")
        path = storage.open_file(export, name)
        if path is None:
            raise Http404
        filename = f"{export.project_id.hex[:8]}-{export.number}-{path.name}"
        return FileResponse(path.open("rb"), as_attachment=True, filename=filename)
