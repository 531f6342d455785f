"""The pages of a project's exports, below /w/<slug>/."""

from django.urls import path

from projects.exports import views

urlpatterns = [
    path("projects/<uuid:project_id>/exports/", views.exports, name="exports"),
    path("exports/<uuid:export_id>/download/", views.export_download, name="export_download"),
]
