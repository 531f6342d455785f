"""No file imports, by however many others, a file that imports it; imports inside functions count too."""

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest
from django.conf import settings

DOMAINS = ("annotators", "billing", "projects", "rlhfhub")


def circle_of(imports: dict[str, set[str]]) -> list[str]:
    """The files of one circle, its first again at the end; empty where there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle[::-1]
    return []


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*DOMAINS, cache_dir=None)


@pytest.fixture(scope="module")
def imports(graph: grimp.ImportGraph) -> dict[str, set[str]]:
    return {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}


def test_no_circle_between_files(imports: dict[str, set[str]]) -> None:
    assert not circle_of(imports)


def test_imports_inside_functions_are_seen(imports: dict[str, set[str]]) -> None:
    """SiteConfig.ready() imports the walls, and so a way back is a circle."""
    assert "rlhfhub.walls_table" in imports["rlhfhub.apps"]
    back = imports | {"rlhfhub.walls_table": imports["rlhfhub.walls_table"] | {"rlhfhub.apps"}}
    assert set(circle_of(back)) == {"rlhfhub.apps", "rlhfhub.walls_table"}


def test_apps_are_installed_in_the_order_of_imports(graph: grimp.ImportGraph) -> None:
    """Which room is the later one, for what its walls and doors name, is read from this order."""
    rooms = [
        app for app in settings.INSTALLED_APPS if app.partition(".")[0] in DOMAINS and "." in app
    ]
    assert len(rooms) > 10
    assert graph.find_illegal_dependencies_for_layers(layers=rooms[::-1]) == set()
