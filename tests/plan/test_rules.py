"""Headings of guidelines are rules whose ids last across versions."""

import pytest

from projects.plan.models import GuidelineVersion, Project
from projects.plan.rules import MAX_RULES, EarlierVersion, Rule, rules_of
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_project, publish_guidelines

FIRST = """Preamble.

# Be fair

Read both answers wholly before you choose.

## Ties

Choose a tie when you cannot say which answer helps more.

## Length

A longer answer is no better for being long.
"""


def known(text: str, *earlier: EarlierVersion) -> EarlierVersion:
    """A version of `text` that follows the `earlier` ones, newest last."""
    used = [rule.id for version in earlier for rule in version.rules]
    return EarlierVersion(text, rules_of(text, earlier[::-1], used))


def ids(version: EarlierVersion) -> dict[str, str]:
    return {rule.title: rule.id for rule in version.rules}


def test_each_heading_is_a_rule_in_order() -> None:
    assert rules_of(FIRST, [], []) == [
        Rule("R1", "Be fair", 1),
        Rule("R2", "Ties", 2),
        Rule("R3", "Length", 2),
    ]
    assert rules_of("No headings.", [], []) == []


def test_what_only_looks_like_a_heading_is_none() -> None:
    text = "```\n# in code\n```\n\n<h2>typed</h2>\n\nSet *above*\n=====\n\n### A `b` & c #\n"
    assert [(rule.title, rule.level) for rule in rules_of(text, [], [])] == [
        ("Set above", 1),
        ("A b & c", 3),
    ]


def test_ids_stay_when_a_section_is_moved_and_another_comes_between() -> None:
    first = known(FIRST)
    moved = "# Be fair\n\n## Length\n\nShort is fine.\n\n## Harm\n\nNone.\n\n## Ties\n\nSeldom.\n"
    assert ids(known(moved, first)) == {"Be fair": "R1", "Length": "R3", "Harm": "R4", "Ties": "R2"}


def test_a_renamed_section_keeps_its_id_when_its_words_are_the_same() -> None:
    first = known(FIRST)
    renamed = FIRST.replace("## Ties", "## When to say that both are equal")
    assert ids(known(renamed, first))["When to say that both are equal"] == "R2"
    reworded = FIRST.replace("## Length", "## Length of an answer").replace("no better", "worse")
    assert ids(known(reworded, first))["Length of an answer"] == "R3"


def test_another_section_at_the_same_place_is_another_rule() -> None:
    first = known(FIRST)
    other = FIRST.replace("## Ties", "## Sources").replace(
        "Choose a tie when you cannot say which answer helps more.", "Look claims up."
    )
    assert ids(known(other, first))["Sources"] == "R4"


def test_the_id_of_a_removed_rule_is_never_given_again() -> None:
    first = known(FIRST)
    second = known("# Be fair\n\nRead both answers wholly.\n", first)
    third = known("# Be fair\n\nRead both.\n\n## Ties\n\nNever.\n\n## Harm\n\nNo.\n", first, second)
    # The nearest version does not have "Ties"; the one before it does, and it is the same rule.
    assert ids(third) == {"Be fair": "R1", "Ties": "R2", "Harm": "R4"}
    fourth = EarlierVersion("", rules_of("# Harm", [second], ["R1", "R2", "R3", "R4"]))
    assert ids(fourth) == {"Harm": "R5"}


def test_headings_of_the_same_name_keep_their_order() -> None:
    text = "# A\n\n## Example\n\none\n\n# B\n\n## Example\n\ntwo\n"
    first = known(text)
    assert [rule.id for rule in first.rules] == ["R1", "R2", "R3", "R4"]
    assert [rule.id for rule in known(text.replace("one", "one more"), first).rules] == [
        "R1",
        "R2",
        "R3",
        "R4",
    ]


NUMBERED = "# R1 Be fair\n\nRead both.\n\n## R3: Ties\n\nSeldom.\n\n## Length\n\nAny.\n"


def test_the_number_in_a_heading_is_the_rules_id() -> None:
    first = known(NUMBERED)
    assert ids(first) == {"Be fair": "R1", "Ties": "R3", "Length": "R4"}
    assert ids(known(NUMBERED.replace("R3: ", ""), first)) == ids(first)
    added = NUMBERED + "\n## R7 - Harm\n\nNone at all.\n"
    assert ids(known(added, first)) == ids(first) | {"Harm": "R7"}
    assert ids(known("# R2-D2\n\n# R1\n")) == {"R2-D2": "R2", "R1": "R1"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (NUMBERED.replace("R3: Ties", "R4 Ties"), "in the earlier version it is R3"),
        (NUMBERED.replace("## R3: Ties\n\nSeldom.", "## R3 Harm\n\nNo insults."), "another rule"),
        (NUMBERED.replace("## Length", "## R3 Length"), "it is R4"),
        ("# R1 One\n\n# R1 Two\n", "no rule of this project has had"),
    ],
)
def test_a_heading_with_the_number_of_another_rule_is_refused(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        known(text, known(NUMBERED))


def stored(project: Project) -> list[list[tuple[str, str]]]:
    """(id, title) of each version's rules, oldest version first."""
    with planes.in_workspace(project.workspace_id):
        versions = GuidelineVersion.objects.filter(project=project).order_by("number")
        return [[(rule["id"], rule["title"]) for rule in version.rules] for version in versions]


def test_versions_keep_their_rules(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, publish=False)
    publish_guidelines(project, FIRST)
    publish_guidelines(project, "# Be fair\n\n## Length\n\nAny.\n", "minor")
    publish_guidelines(project, "# Be fair\n\n## Tone\n\nPolite.\n", "minor")
    assert stored(project) == [
        [("R1", "Be fair"), ("R2", "Ties"), ("R3", "Length")],
        [("R1", "Be fair"), ("R3", "Length")],
        [("R1", "Be fair"), ("R4", "Tone")],
    ]


def test_too_many_headings_are_refused(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, publish=False)
    with pytest.raises(Refused, match=f"at most {MAX_RULES} headings"):
        publish_guidelines(project, "# a\n" * (MAX_RULES + 1))


def test_rest_tells_the_rules(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, publish=False)
    publish_guidelines(project, FIRST)
    one = workspace_a.client.get(f"/api/v1/projects/{project.pk}/guidelines/1/").json()
    assert one["rules"][1] == {"id": "R2", "title": "Ties", "level": 2}
