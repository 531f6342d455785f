"""/w/<slug>/projects/<project>/quality/."""

from django.urls import path

from projects.quality import views

urlpatterns = [
    path("projects/<uuid:project_id>/quality/", views.quality, name="project_quality"),
    path(
        "projects/<uuid:project_id>/quality/<slug:pseudonym>/",
        views.annotator,
        name="annotator_quality",
    ),
]
