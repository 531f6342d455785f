"""Rules: the headings of a guideline text, under ids that last from version to version."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher

from rlhfhub.web.headings import Section, sections_of

MAX_RULES = 300
# From this share of common words on, two sections are the same rule: measured by title, or by what stands below it.
_ALIKE = 0.6
# Unmatched sections are compared with those that stand about as far from the last matched one.
_REACH = 8


@dataclass(frozen=True, slots=True)
class Rule:
    """A heading of a guideline text. `id` is unique in the project and never given to another rule."""

    id: str
    title: str
    level: int

    def stored(self) -> dict[str, str | int]:
        """The rule as a version keeps it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Known:
    """An earlier version: its text, and the rules that were found in it, in order."""

    text: str
    rules: Sequence[Rule]


def rules_of(text: str, earlier: Iterable[Known], used: Iterable[str]) -> list[Rule]:
    """Return the rules of a new text, in order.

    A section keeps the id that it has in the first of the `earlier` versions where it is found: under the same
    title, or between the same neighbours with a title or words much like before. All other sections get ids above
    every id in `used`, which holds all that the project ever gave.
    """
    sections = sections_of(text)
    ids: list[str | None] = [None] * len(sections)
    for version in earlier:
        _carry(version, sections, ids)
    last = max((int(rule_id.removeprefix("R")) for rule_id in used), default=0)
    rules = []
    for section, known in zip(sections, ids, strict=True):
        if known is None:
            last += 1
        rules.append(Rule(known or f"R{last}", section.title, section.level))
    return rules


def _carry(version: Known, sections: Sequence[Section], ids: list[str | None]) -> None:
    """Give the sections that have no id yet those they have in `version`."""
    before = sections_of(version.text)
    if len(before) != len(version.rules):
        before = [Section(rule.level, rule.title, "") for rule in version.rules]
    taken = set(ids)
    for old, new in _same(before, sections):
        known = version.rules[old].id
        if ids[new] is None and known not in taken:
            ids[new] = known
            taken.add(known)


def _same(before: Sequence[Section], now: Sequence[Section]) -> Iterator[tuple[int, int]]:
    """Yield the indexes of the same section in both: by title in order, then alike in a gap, then moved."""
    matcher = SequenceMatcher(None, _titles(before), _titles(now), autojunk=False)
    lost: list[int] = []
    found: list[int] = []
    for tag, a, a_end, b, b_end in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(range(a, a_end), range(b, b_end), strict=True)
            continue
        pairs = list(_alike(before, range(a, a_end), now, range(b, b_end)))
        yield from pairs
        lost += [n for n in range(a, a_end) if n not in {old for old, _ in pairs}]
        found += [n for n in range(b, b_end) if n not in {new for _, new in pairs}]
    for new in found:
        old = next((n for n in lost if _title(before[n]) == _title(now[new])), None)
        if old is not None:
            lost.remove(old)
            yield old, new


def _alike(
    before: Sequence[Section], lost: range, now: Sequence[Section], found: range
) -> Iterator[tuple[int, int]]:
    """Yield pairs in a gap between matched neighbours, in order, whose title or words are much the same."""
    left = list(found)
    elsewhere = {_title(section) for section in before}
    for old in lost:
        near = [n for n in left if abs((n - found.start) - (old - lost.start)) <= _REACH]
        near = [n for n in near if _title(now[n]) not in elsewhere]  # that one only moved
        scored = [(_likeness(before[old], now[n]), -n) for n in near]
        likeness, negated = max(scored, default=(0.0, 0))
        if likeness >= _ALIKE:
            yield old, -negated
            left = [n for n in left if n > -negated]


def _likeness(one: Section, other: Section) -> float:
    return max(_common(one.title, other.title), _common(one.body, other.body))


def _common(one: str, other: str) -> float:
    """The share of words that two texts have in common, 0 to 1 (Dice); 0 for empty ones."""
    a, b = Counter(one.casefold().split()), Counter(other.casefold().split())
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if a and b else 0.0


def _title(section: Section) -> str:
    return section.title.casefold()


def _titles(sections: Sequence[Section]) -> list[str]:
    return [_title(section) for section in sections]
