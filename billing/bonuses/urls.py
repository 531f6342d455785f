"""/w/<slug>/projects/…: bonuses and top-ups."""

from django.urls import path

from billing.bonuses import views

urlpatterns = [
    path(
        "projects/<uuid:project_id>/annotators/<slug:pseudonym>/bonus/", views.bonus, name="bonus"
    ),
    path("projects/<uuid:project_id>/top-up/", views.top_up, name="top_up"),
]
