"""The pages that show the data of many rooms at once, below /w/<slug>/."""

from django.urls import path

from projects.overview.views import experts, items, keyed, keyed_import, project, workspace

urlpatterns = [
    path("", workspace.workspace, name="workspace"),
    path("projects/<uuid:project_id>/", project.project, name="project"),
    path("projects/<uuid:project_id>/agreement/", project.agreement, name="project_agreement"),
    path("projects/<uuid:project_id>/items/", items.items, name="project_items"),
    path("items/<uuid:item_id>/", items.item, name="item"),
    path("items/<uuid:item_id>/key/", keyed.right_answer, name="right_answer"),
    path("projects/<uuid:project_id>/keys/", keyed.keyed, name="keyed_items"),
    path("projects/<uuid:project_id>/keys/import/", keyed_import.keyed_import, name="keyed_import"),
    path("projects/<uuid:project_id>/expert/", experts.expert, name="expert"),
    path(
        "projects/<uuid:project_id>/expert/<uuid:item_id>/",
        experts.expert_answer,
        name="expert_answer",
    ),
    path("keyed-items/<uuid:item_id>/", keyed.keyed_item, name="keyed_item"),
    path("keys/<uuid:key_id>/retire/", keyed.key_retire, name="key_retire"),
    path("keys/<uuid:key_id>/restore/", keyed.key_restore, name="key_restore"),
    path("batches/<uuid:batch_id>/progress/", project.batch_progress, name="batch_progress"),
]
