"""REST for a project's metadata keys."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.items import metadata
from projects.plan.models import Project
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Text
from rlhfhub.api.views import WorkspaceAPIView, by_id


class MetadataKeysBody(Body):
    keys = serializers.ListField(
        child=Text(max_length=metadata.MOST_KEY_CHARS, trim_whitespace=False),
        max_length=metadata.MOST_KEYS,
        help_text="The whole list. Declared keys that are not in it are removed.",
    )


class MetadataKeysAnswer(serializers.Serializer[Any]):
    keys = serializers.ListField(child=serializers.CharField())


class MetadataKeys(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "PUT": "write"}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=MetadataKeysAnswer)
    def get(self, request: Request, project: Project) -> Response:
        """Return the metadata keys by whose values the project's items can be searched."""
        return Response({"keys": project.metadata_keys})

    @extend_schema(request=MetadataKeysBody, responses=MetadataKeysAnswer)
    def put(self, request: Request, project: Project) -> Response:
        """Declare up to 8 metadata keys, so that items of all batches can be searched by their values.

        Values are indexed as text; of longer ones the first 200 characters.
        """
        declared = metadata.declare_keys(
            project=project,
            keys=MetadataKeysBody.read(request)["keys"],
            actor_id=caller_of(request).created_by_id,
        )
        return Response({"keys": declared.metadata_keys})
