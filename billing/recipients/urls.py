"""/earnings/paid/: how a person is paid."""

from django.urls import path

from billing.recipients import views

urlpatterns = [
    path("earnings/paid/", views.how_paid, name="how_paid"),
    path("earnings/paid/bank/", views.bank_details, name="bank_details"),
    path("earnings/paid/bank/save/", views.bank_details_save, name="bank_details_save"),
    path("earnings/paid/go/", views.paid_go, name="paid_go"),
    path("earnings/paid/again/", views.paid_again, name="paid_again"),
    path("earnings/paid/returned/", views.paid_returned, name="paid_returned"),
    path("earnings/paid/go/<uuid:link_id>/", views.paid_link, name="paid_link"),
    path("earnings/paid/go/<uuid:link_id>/open/", views.paid_link_open, name="paid_link_open"),
]
