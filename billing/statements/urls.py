"""/earnings/: a person's statement; /w/<slug>/spend/: what a workspace spent."""

from django.urls import path

from billing.statements import views

urlpatterns = [
    path("earnings/", views.earnings, name="earnings"),
    path("earnings/lines.csv", views.earnings_csv, name="earnings_csv"),
    path("earnings/answers/<uuid:annotation_id>/", views.earnings_answer, name="earnings_answer"),
    path("earnings/years/", views.earnings_years, name="earnings_years"),
    path("earnings/years.csv", views.earnings_year_csv, name="earnings_year_csv"),
]
