"""Describe forms to datasets, by what the questions' kinds say of themselves and never by the kinds' names."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from projects.exports.models import Export
from projects.formats import writing
from projects.formats.writing.protocol import AskedForm, AskedQuestion, Dataset, Step
from projects.items.models import Batch
from projects.kinds import form as forms
from projects.plan.models import Form, Project


def asked_form(form: Form) -> AskedForm:
    """The form as datasets read it: each question with its scale and the datasets that its kind offers."""
    scales = forms.scales_of(form.questions)
    return AskedForm(
        str(form.pk), form.version, tuple(_question(each, scales) for each in form.questions)
    )


def _question(question: Mapping[str, Any], scales: Mapping[str, Any]) -> AskedQuestion:
    scale = scales.get(question["name"])
    steps = tuple(Step(one.value, one.side) for one in scale.categories) if scale else ()
    offered = tuple(forms.datasets_of([question]))
    return AskedQuestion(question["name"], question["title"], offered, steps)


def forms_of(export: Export) -> list[AskedForm]:
    """The forms whose answers a frozen export may contain, the oldest first."""
    return _asked_forms(Form.objects.filter(pk__in=export.forms))


def _asked_forms(rows: Iterable[Form]) -> list[AskedForm]:
    return [asked_form(form) for form in sorted(rows, key=lambda form: form.version)]


def datasets_of(project: Project) -> list[Dataset]:
    """The datasets that a project's forms can make, those of its current form first."""
    asked = _asked_forms(Form.objects.filter(project=project))
    possible = [each for each in writing.every() if any(map(each.questions, asked))]
    present = [form for form in asked if form.id == str(project.form_id)]
    return sorted(possible, key=lambda each: not any(map(each.questions, present)))


def form_ids(project_id: uuid.UUID, batch_id: uuid.UUID | None) -> list[uuid.UUID]:
    """The ids of the forms of a project's batches, or of one of them, the oldest first."""
    batches = Batch.objects.filter(project=project_id, form__isnull=False)
    if batch_id is not None:
        batches = batches.filter(pk=batch_id)
    forms = Form.objects.filter(pk__in=batches.values("form"))
    return list(forms.order_by("version").values_list("pk", flat=True))
