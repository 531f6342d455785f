"""Review: decisions on submitted work, by a member or automatically when nobody decided in time; final answers."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "projects.review"
    label = "projects_review"

    def ready(self) -> None:
        from projects.review import handlers, invariants, notices
        from projects.review.children import handlers as of_children
        from projects.review.children import panels as children_panels
        from projects.review.own import panels
        from projects.review.record import panels as record_panels

        handlers.register()
        of_children.register()
        notices.register()
        invariants.put_in_register()
        panels.register()
        record_panels.register()
        children_panels.register()
