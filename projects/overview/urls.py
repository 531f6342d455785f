"""The pages that show the data of many rooms at once, below /w/<slug>/."""

from django.urls import path

from projects.overview.views import items, project, workspace

urlpatterns = [
    path("", workspace.workspace, name="workspace"),
    path("projects/<uuid:project_id>/", project.project, name="project"),
    path("projects/<uuid:project_id>/agreement/", project.agreement, name="project_agreement"),
    path("projects/<uuid:project_id>/items/", items.items, name="project_items"),
    path("items/<uuid:item_id>/", items.item, name="item"),
    path("batches/<uuid:batch_id>/progress/", project.batch_progress, name="batch_progress"),
]
