"""The quality room: agreement and consensus, kept up to date while people work."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "projects.quality"
    label = "projects_quality"

    def ready(self) -> None:
        from projects.quality import handlers, invariants, panels
        from projects.quality.alerts import notices
        from projects.quality.gold import handlers as gold
        from projects.quality.monitors import handlers as monitors
        from projects.quality.pay import gate
        from projects.quality.pay import notices as pay_notices
        from projects.quality.pay import panels as pay_panels

        handlers.register()
        gold.register()
        monitors.register()
        invariants.put_in_register()
        notices.register()
        panels.register()
        gate.register()
        pay_notices.register()
        pay_panels.register()
