"""/w/<slug>/batches/<batch>/: a batch's page, and the steps from import to close."""

from django.urls import path

from projects.items import upload_views, views

urlpatterns = [
    path("batches/<uuid:batch_id>/", views.batch, name="batch"),
    path("batches/<uuid:batch_id>/import/", upload_views.batch_import, name="batch_import"),
    path("batches/<uuid:batch_id>/plan/", views.batch_plan, name="batch_plan"),
    path("batches/<uuid:batch_id>/open/", views.batch_open, name="batch_open"),
    path("batches/<uuid:batch_id>/pause/", views.batch_pause, name="batch_pause"),
    path("batches/<uuid:batch_id>/close/", views.batch_close, name="batch_close"),
]
