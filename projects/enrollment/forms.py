"""The form for an annotator's own token."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms

from rlhfhub.members.forms import ExpiringForm


class TokenForm(ExpiringForm):
    """A new token for the desk in one of `workspaces`, given as {id: name}."""

    workspace = forms.TypedChoiceField(coerce=uuid.UUID)
    field_order = ("workspace", "name", "days")

    def __init__(self, *args: Any, workspaces: Mapping[uuid.UUID, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(pk), name) for pk, name in workspaces.items()]
        self.fields["workspace"].choices = choices  # type: ignore[attr-defined]
