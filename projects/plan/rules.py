"""Rules: the headings of a guideline text. A rule keeps its id from version to version.

An author may number the headings ("R2 Ties"); the number is then the rule's id.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher

from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.web.headings import Section, sections_of

MAX_RULES = 300
# Two sections are the same rule if their titles, or the texts below them, have at least this share of words in common.
_MIN_SIMILARITY = 0.6
# A section is compared only with sections whose distance from the last matched one differs by at most this.
_MAX_SHIFT = 8


@dataclass(frozen=True, slots=True)
class Rule:
    """A heading of a guideline text. `id` is unique in the project and never given to another rule."""

    id: str
    title: str
    level: int

    def as_json(self) -> dict[str, str | int]:
        """Return the rule as `GuidelineVersion.rules` stores it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class EarlierVersion:
    """The text of an earlier version, and the rules that were found in it, in order."""

    text: str
    rules: Sequence[Rule]


def rules_of(text: str, earlier: Iterable[EarlierVersion], used: Iterable[str]) -> list[Rule]:
    """Return the rules of a new text, in order.

    A section keeps the id that it has in the first of the `earlier` versions that contains it: under the same title,
    or between the same neighbors with a similar title or text. Every other section gets the number in its heading, or
    else a new id, higher than all in `used`, which holds every id the project has given so far.

    Raises: Refused, naming `text`, if a heading has the number of another rule, of this text or of an earlier version.
    """
    sections = sections_of(text)
    ids: list[str | None] = [None] * len(sections)
    for version in earlier:
        _keep_ids(version, sections, ids)
    given = set(used)
    _take_numbers(sections, ids, given)
    last = max((int(rule_id.removeprefix("R")) for rule_id in given), default=0)
    rules = []
    for section, known in zip(sections, ids, strict=True):
        if known is None:
            last += 1
        rules.append(Rule(known or f"R{last}", section.title, section.level))
    return rules


def _take_numbers(sections: Sequence[Section], ids: list[str | None], given: set[str]) -> None:
    """Give each section the number in its heading, and add these to the ids that are `given`."""
    numbers = [section.number for section in sections if section.number]
    for at, section in enumerate(sections):
        number = section.number
        if not number or number == ids[at]:
            continue
        if number in given or numbers.count(number) > 1:
            raise _refused(section, ids[at])
        ids[at] = number
    given.update(numbers)


def _refused(section: Section, known: str | None) -> Refused:
    named = f"The heading “{section.number} {section.title}” has the number of another rule"
    if known:
        return invalid("text", f"{named}: in the earlier version it is {known}. Number it so.")
    advice = "Give it a number that no rule of this project has had, or leave the number out"
    return invalid("text", f"{named}. Answers and keys cite rules by number. {advice}.")


def _keep_ids(version: EarlierVersion, sections: Sequence[Section], ids: list[str | None]) -> None:
    """Give each section that has no id yet the id it has in `version`."""
    before = sections_of(version.text)
    if len(before) != len(version.rules):
        before = [Section(rule.level, rule.title, "") for rule in version.rules]
    taken = set(ids)
    for old, new in _matches(before, sections):
        known = version.rules[old].id
        if ids[new] is None and known not in taken:
            ids[new] = known
            taken.add(known)


def _matches(before: Sequence[Section], now: Sequence[Section]) -> Iterator[tuple[int, int]]:
    """Yield the index of each section that is in both texts: its index before, and now.

    Sections match by title in the same order, or by similarity between two matched neighbors, or by title elsewhere.
    """
    matcher = SequenceMatcher(None, _titles(before), _titles(now), autojunk=False)
    removed: list[int] = []
    added: list[int] = []
    for tag, a, a_end, b, b_end in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(range(a, a_end), range(b, b_end), strict=True)
            continue
        pairs = list(_similar(before, range(a, a_end), now, range(b, b_end)))
        yield from pairs
        removed += [n for n in range(a, a_end) if n not in {old for old, _ in pairs}]
        added += [n for n in range(b, b_end) if n not in {new for _, new in pairs}]
    for new in added:
        old = next((n for n in removed if _title(before[n]) == _title(now[new])), None)
        if old is not None:
            removed.remove(old)
            yield old, new


def _similar(
    before: Sequence[Section], removed: range, now: Sequence[Section], added: range
) -> Iterator[tuple[int, int]]:
    """Yield pairs, in order, of sections between two matched neighbors whose titles or texts are similar."""
    left = list(added)
    titles_before = {_title(section) for section in before}
    for old in removed:
        near = [n for n in left if abs((n - added.start) - (old - removed.start)) <= _MAX_SHIFT]
        # A section whose title stood elsewhere before has only moved: `_matches` pairs it by that title.
        near = [n for n in near if _title(now[n]) not in titles_before]
        scored = [(_similarity(before[old], now[n]), -n) for n in near]
        similarity, negated = max(scored, default=(0.0, 0))
        if similarity >= _MIN_SIMILARITY:
            yield old, -negated
            left = [n for n in left if n > -negated]


def _similarity(one: Section, other: Section) -> float:
    return max(_dice(one.title, other.title), _dice(one.body, other.body))


def _dice(one: str, other: str) -> float:
    """Return the Dice coefficient of the words of two texts, 0 to 1; 0 if one has none."""
    a, b = Counter(one.casefold().split()), Counter(other.casefold().split())
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if a and b else 0.0


def _title(section: Section) -> str:
    return section.title.casefold()


def _titles(sections: Sequence[Section]) -> list[str]:
    return [_title(section) for section in sections]
