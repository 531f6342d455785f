"""Collects the walls and doors that each room states in `walls.py`, and states those of Django's and packages' tables.

A table without a wall that is not in OUTSIDE fails `manage.py check` and the tests.
"""

from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from rlhfhub.tenancy.rules import (
    ADD,
    ALL,
    ANNOTATOR,
    DOOR,
    KEEPER,
    READ,
    STAFF,
    SYSTEM,
    WORKSPACE,
    Rule,
    Wall,
)
from rlhfhub.tenancy.stated import Naming, Room

WALLS: dict[str, Wall] = {
    "django_session": {DOOR: Rule(ALL)},
    "account_emailaddress": {DOOR: Rule(ALL), KEEPER: Rule(READ)},
    "account_emailconfirmation": {DOOR: Rule(ALL)},
    "auth_group": {STAFF: Rule(READ), DOOR: Rule(READ)},
    "auth_permission": {STAFF: Rule(READ), DOOR: Rule(READ)},
    "auth_group_permissions": {STAFF: Rule(READ), DOOR: Rule(READ)},
    "django_content_type": {
        plane: Rule(READ) for plane in (DOOR, WORKSPACE, ANNOTATOR, SYSTEM, STAFF)
    },
    "django_admin_log": {STAFF: Rule(ADD)},
}

# Tables no plane may touch, each with its reason.
OUTSIDE = {"django_migrations": "read and written by migrations, as the owner"}

# Each wall and door that names a table of a later room, with its reason. A new line needs a reason why the later room
# cannot state it; a line whose statement is gone is removed (tests/security/test_walls_by_room.py compares).
_ENROLLED = "annotators see the projects they are enrolled in"
LATER: dict[Naming, str] = {
    ("rlhfhub_tenancy_apikey", "projects_enrollment_enrollment"): (
        "annotators make a desk's token only in workspaces where they are enrolled"
    ),
    ("projects_plan_project", "projects_enrollment_enrollment"): _ENROLLED,
    ("projects_plan_form", "projects_enrollment_enrollment"): _ENROLLED,
    ("projects_plan_guidelineversion", "projects_enrollment_enrollment"): _ENROLLED,
    ("projects_plan_requirement", "projects_enrollment_enrollment"): _ENROLLED,
    ("projects_items_item", "projects_work_lease"): "an annotator sees an item while they lease it",
}


def gathered() -> list[Room]:
    """Return what is stated here and in the `walls` module of each installed app, in the order of the apps.

    Raises:
        AppRegistryNotReady: Called before Django has loaded the apps.
    """
    modules = [
        import_module(f"{app.name}.walls")
        for app in apps.get_app_configs()
        if app.module and module_has_submodule(app.module, "walls")
    ]
    rooms = [
        Room(module.__name__, module.WALLS, getattr(module, "DOORS", ())) for module in modules
    ]
    return [Room(__name__, WALLS), *rooms]
