"""The settings of the OpenAPI document at `/api/v1/schema/`."""

from typing import Any

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "RLHFHub",
    "DESCRIPTION": (
        "Human feedback data: post items, follow the work, download datasets. Members make a workspace's keys on "
        "its page of API keys; annotators make tokens for their own desk, all under `desk/`, at `/work/tokens/`. "
        "Imports, funding and exports are limited for each workspace, by all its keys and pages together, and refused "
        "keys for each address: 429 `throttled`, with Retry-After. The desk is not limited. Every address ends with a "
        "slash. Query parameters that an operation does not list are refused."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "rlhfhub.api.schema.with_errors",
    ],
    "ENUM_NAME_OVERRIDES": {
        "AlertState": "projects.quality.alerts.models.Alert.State",
        "AlertKind": "projects.quality.alerts.models.Alert.Kind",
        "AlertBy": "projects.quality.alerts.models.Alert.By",
        "AlertVerdict": ["uphold", "lift"],
        "AgreementState": ["none", "few", "alike", "poor", "unsure", "usable", "good"],
        "TrustVerdict": ["yes", "with_care", "no", "not_known"],
        "MonitorKind": "projects.quality.monitors.models.MonitorKind",
        "Content": "annotators.profiles.tags.Content",
        "Need": "projects.plan.models.Requirement.Need",
        "ProjectStatus": "projects.plan.models.Project.Status",
        "BatchStatus": "projects.items.models.Batch.Status",
        "BatchFunding": "projects.items.models.Batch.Funding",
        "EnrollmentState": "projects.enrollment.models.Enrollment.State",
        "EnrollmentChangeReason": "projects.enrollment.states.models.EnrollmentChange.Reason",
        "EnrollmentStopReason": "projects.enrollment.states.models.STOP_REASONS",
        "AnnotationState": "projects.work.models.Annotation.State",
        "DecisionBy": "projects.review.models.Decision.By",
        "DecisionReason": "projects.review.models.Decision.Reason",
        "MailWay": "rlhfhub.notices.topics.How",
        "ExportState": "projects.exports.models.Export.State",
    },
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
}
