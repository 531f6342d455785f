"""/w/<slug>/money/spend/: what the workspace spent."""

from django.urls import path

from billing.statements.spend import views

urlpatterns = [
    path("money/spend/", views.spend, name="spend"),
    path("money/spend.csv", views.spend_csv, name="spend_csv"),
]
