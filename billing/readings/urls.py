"""/w/<slug>/projects/…: money for reading the guidelines."""

from django.urls import path

from billing.readings import views

urlpatterns = [
    path("projects/<uuid:project_id>/reading/", views.reading, name="paid_reading"),
]
