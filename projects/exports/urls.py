"""/w/<slug>/…/exports/: datasets."""

from django.urls import path

from projects.exports import views

urlpatterns = [
    path("projects/<uuid:project_id>/exports/", views.exports, name="exports"),
    path("exports/<uuid:export_id>/download/", views.export_download, name="export_download"),
]
