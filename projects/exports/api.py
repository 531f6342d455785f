"""Exports over REST: request one, follow its progress, download its files."""

from typing import Any, ClassVar

import msgspec
from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.exports import services, storage
from projects.exports.changes import Changes, changes_of
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
        required=False,
        allow_null=True,
        help_text="The batch to export. Without it, the whole project is exported.",
    )
    include_undecided = Flag(
        default=False,
        help_text=(
            "Also count annotations that are not decided yet; the metadata of each row then says how many of them it "
            "rests on. Otherwise an item with an undecided annotation makes no row. The dataset `annotations` always "
            "includes them, each with its state."
        ),
    )

    def get_fields(self) -> dict[str, Any]:
        help_text = (
            "The dataset to make. Without it, the first one that the project's forms can make."
        )
        return {
            **super().get_fields(),
            "dataset": DatasetChoice(required=False, help_text=help_text),
        }


class ExportFile(serializers.Serializer[Any]):
    path = serializers.CharField(help_text="The value of `file` to download it with.")
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()


class ExportRow(serializers.ModelSerializer[Export]):
    project = serializers.UUIDField(source="project_id")
    batch = serializers.UUIDField(source="batch_id", allow_null=True)
    rows = serializers.IntegerField(help_text="Number of rows; 0 until the membership is frozen.")
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


class ChangesAnswer(serializers.Serializer[Any]):
    rejected = serializers.IntegerField(
        help_text="Answers that it counted as undecided, and that were rejected since."
    )
    overturned = serializers.IntegerField(
        help_text="Answers that were rejected then, and count again."
    )
    revised = serializers.IntegerField(
        help_text="Answers that it counted as undecided, and that were sent back and revised since."
    )
    adjudicated = serializers.IntegerField(
        help_text="Items, answered then, whose final answer was given or withdrawn since."
    )


class ExportAnswer(ExportRow):
    changed_since = serializers.SerializerMethodField(
        help_text="Decisions since it was frozen; if there are any, another export differs."
    )

    class Meta(ExportRow.Meta):
        fields = (*ExportRow.Meta.fields, "manifest", "changed_since")

    @extend_schema_field(ChangesAnswer)
    def get_changed_since(self, export: Export) -> Any:
        changes = changes_of([export]).get(export.pk, Changes())
        return ChangesAnswer(changes).data


class Exports(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "POST": "export"}
    queries: ClassVar = {"GET": PageQuery}
    throttle_classes = (CostlyWrites,)
    throttle_scope = "exports"
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=paged(ExportRow))
    def get(self, request: Request, project: Project) -> Response:
        """List the project's exports, newest first."""
        rows = Export.objects.filter(project=project)
        return page(request, rows, ExportRow, ordering="-number")

    @extend_schema(request=ExportBody, responses={202: ExportAnswer})
    @idempotent
    def post(self, request: Request, project: Project) -> Response:
        """Request an export. A worker makes it: poll the export until its `state` is `finished` or `failed`."""
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
        raise invalid("batch", "this project has no batch with this id")
    return batch


class OneExport(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    finds: ClassVar = {"export": by_id(Export)}

    @extend_schema(responses=ExportAnswer)
    def get(self, request: Request, export: Export) -> Response:
        """Return an export with its progress and, once it is finished, its manifest."""
        return Response(ExportAnswer(export).data)


class FileQuery(Query):
    """Which file of an export to download."""

    file = serializers.CharField(
        required=False,
        trim_whitespace=False,
        help_text="The `path` of one of the export's `files`. Without it, the zip file of the whole folder.",
    )


class Download(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "export"}
    queries: ClassVar = {"GET": FileQuery}
    finds: ClassVar = {"export": by_id(Export)}

    @extend_schema(
        responses={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            409: OpenApiResponse(description="The export is not finished (`not_finished`)."),
        },
    )
    def get(self, request: Request, export: Export) -> Any:
        """Download a file of a finished export."""
        if export.state != Export.State.FINISHED:
            words = f"This export is {export.state}. Only a finished export has files."
            raise Refused("not_finished", words, status=409)
        names = [file.path for file in storage.files(export)]
        name = self.query.get("file", names[0])
        if name not in names:
            raise invalid("file", "this export has no such file; `files` lists those it has")
        path = storage.open_file(export, name)
        if path is None:
            raise Http404
        filename = f"{export.project_id.hex[:8]}-{export.number}-{path.name}"
        return FileResponse(path.open("rb"), as_attachment=True, filename=filename)
