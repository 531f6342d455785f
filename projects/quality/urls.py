"""/w/<slug>/: dashboards."""

from django.urls import path

from projects.quality import views

urlpatterns = [
    path("", views.workspace, name="workspace"),
    path("projects/<uuid:project_id>/", views.project, name="project"),
    path("projects/<uuid:project_id>/agreement/", views.agreement, name="project_agreement"),
    path("batches/<uuid:batch_id>/progress/", views.batch_progress, name="batch_progress"),
]
