"""Figures of quality as a job would have stored them, to look at pages of projects that nobody worked on so long."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from projects.plan.models import GuidelineVersion, Project
from projects.quality.models import AgreementSnapshot, AnnotatorFigures, PartAgreement
from projects.stats.intervals import wilson_interval
from rlhfhub.tenancy import planes
from tests.people import Annotator

FIGURES: dict[str, Any] = {
    "question": "preference",
    "level": "ordinal",
    "percent": 0.61,
    "percent_without_ties": 0.72,
    "gwet": 0.47,
    "gwet_error": 0.021,
    "gwet_low": 0.43,
    "gwet_high": 0.51,
    "pairs": 900,
    "annotations": 900,
    "counts": [400, 120, 380],
}


def plant_agreement(
    project: Project,
    alpha: float | None,
    *,
    items: int = 300,
    half: float = 0.05,
    days: int = 20,
    question: str = "preference",
) -> None:
    """A snapshot a day of α, the newest now, and the same figures for accepted answers and the guideline version."""
    now = timezone.now()
    with planes.in_workspace(project.workspace_id):
        AgreementSnapshot.objects.bulk_create(
            _snapshot(project, now - timedelta(days=day), alpha, items, half, question)
            for day in range(days)
        )
        versions = GuidelineVersion.objects.filter(project=project)
        PartAgreement.objects.bulk_create(
            PartAgreement(
                workspace_id=project.workspace_id,
                project=project,
                part="version" if version else "accepted",
                guideline_version=version,
                at=now,
                items=items,
                **_around(alpha, half),
                **{**FIGURES, "question": question},
            )
            for version in (None, *versions)
        )


def _snapshot(
    project: Project, at: datetime, alpha: float | None, items: int, half: float, question: str
) -> AgreementSnapshot:
    return AgreementSnapshot(
        workspace_id=project.workspace_id,
        project=project,
        answered=items,
        items=items,
        decided=780,
        chose_first=402,
        accuracy=0.8,
        at=at,
        **_around(alpha, half),
        **{**FIGURES, "question": question},
    )


def _around(alpha: float | None, half: float) -> dict[str, float | None]:
    if alpha is None:
        return {"alpha": None, "low": None, "high": None}
    return {"alpha": alpha, "low": alpha - half, "high": min(1.0, alpha + half)}


def plant_annotator(
    annotator: Annotator, agreed: int, compared: int, *, first: int = 0, direction: int = 0
) -> AnnotatorFigures:
    """An annotator's row, as if `first` of their judgments chose the response shown first."""
    row, now = annotator.enrollment, timezone.now()
    agreement_ends = wilson_interval(agreed, compared) or (None, None)
    first = first or compared // 2
    first_ends = wilson_interval(first, compared) or (None, None)
    spans = max(1, min(12, compared // 20))
    with planes.in_workspace(row.workspace_id):
        return AnnotatorFigures.objects.create(
            workspace_id=row.workspace_id,
            project_id=row.project_id,
            enrollment=row,
            question="preference",
            answers=compared,
            accepted=compared // 2,
            judgments=compared,
            compared=compared,
            agreed=agreed,
            agreement=agreed / compared if compared else None,
            agreement_low=agreement_ends[0],
            agreement_high=agreement_ends[1],
            agreement_direction=direction,
            median_seconds=40 + compared / 10,
            decided=compared,
            chose_first=first,
            first_share=first / compared if compared else None,
            first_low=first_ends[0],
            first_high=first_ends[1],
            first_direction=int(first > 0.8 * compared),
            ties=0,
            tie_share=0.0 if compared else None,
            run=4,
            span_ends=[now - timedelta(days=spans - n) for n in range(spans)],
            span_compared=[20] * spans,
            span_agreed=[20 * agreed / compared if compared else 0.0] * spans,
            differences=[],
            beside=[],
            at=now,
        )
