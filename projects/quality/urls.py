"""/w/<slug>/projects/<project>/quality/ and alerts for members; /work/<enrollment>/how-i-do/ for annotators."""

from django.urls import path

from projects.quality import views
from projects.quality.alerts import views as alerts
from projects.quality.own import views as own

urlpatterns = [
    path("projects/<uuid:project_id>/alerts/", alerts.alerts, name="project_alerts"),
    path("alerts/<uuid:alert_id>/", alerts.alert, name="alert"),
    path("alerts/<uuid:alert_id>/decide/", alerts.decide, name="alert_decide"),
    path("projects/<uuid:project_id>/quality/", views.quality, name="project_quality"),
    path(
        "projects/<uuid:project_id>/quality/<slug:pseudonym>/",
        views.annotator,
        name="annotator_quality",
    ),
]

desk_urlpatterns = [
    path("<uuid:enrollment_id>/how-i-do/", own.how_i_do, name="how_i_do"),
    path("<uuid:enrollment_id>/alerts/<uuid:alert_id>/reply/", own.reply, name="alert_reply"),
]
