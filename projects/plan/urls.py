"""/w/<slug>/projects/…: create a project, its guidelines, its price."""

from django.urls import path

from projects.plan import price_views, views

urlpatterns = [
    path("projects/new/", views.project_new, name="project_new"),
    path("projects/<uuid:project_id>/guidelines/", views.guidelines, name="guidelines"),
    path("projects/<uuid:project_id>/price/", price_views.price, name="price"),
    path("projects/<uuid:project_id>/watch/", views.watch, name="project_watch"),
]
