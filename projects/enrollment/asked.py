"""What a project asks of its annotators, compared with one of them, in words."""

from collections.abc import Collection
from dataclasses import dataclass

from annotators.profiles.places import language_name, speaks
from annotators.profiles.readiness import Unmet, Where, unmet_for_pay
from annotators.profiles.selectors import Person
from annotators.profiles.tags import Content


@dataclass(frozen=True, slots=True)
class Asked:
    """What a project asks for. Of the languages (BCP 47) and the domains `all` or `any` are needed.

    `content` is what not everybody wants to see. `is_paid` is whether its annotators are of the market.
    """

    is_paid: bool
    languages: list[str]
    languages_need: str
    domains: list[str]
    domains_need: str
    content: list[str]

    @property
    def language_words(self) -> str:
        """The languages by name: `German and Portuguese`."""
        return _listed([language_name(code) for code in self.languages], self.languages_need)

    @property
    def domain_words(self) -> str:
        """The domains: `law or medicine`."""
        return _listed(self.domains, self.domains_need)


def unmet(asked: Asked, person: Person, agreed: Collection[str] = ()) -> list[Unmet]:
    """Return what a person lacks for a project; empty if nothing.

    `agreed` is the content that they agreed to see in this project although they avoid it elsewhere.
    """
    return [*(unmet_for_pay(person) if asked.is_paid else ()), *unmet_here(asked, person, agreed)]


def unmet_here(asked: Asked, person: Person, agreed: Collection[str] = ()) -> list[Unmet]:
    """Return what a person lacks for a project, apart from what all paid work asks for."""
    found = []
    if not _speaks(asked, person):
        words = _lacks(asked.language_words, [language_name(code) for code in person.languages])
        found.append(Unmet("languages", words, Where.PROFILE))
    if not _has(asked.domains, asked.domains_need, person.domains):
        words = _lacks(asked.domain_words, person.domains)
        found.append(Unmet("domains", words, Where.PROFILE))
    if avoided := avoided_content(asked, person, agreed):
        words = f"The project contains what you do not want to see: {content_words(avoided)}."
        found.append(Unmet("content", words, Where.PROJECT))
    return found


def avoided_content(asked: Asked, person: Person, agreed: Collection[str] = ()) -> list[str]:
    """Return the content of a project that the person avoids and has not agreed to see there."""
    return [tag for tag in asked.content if tag in person.avoids and tag not in agreed]


def content_words(tags: Collection[str]) -> str:
    """Return kinds of content as a person reads them: `hate and insults, drugs`."""
    return ", ".join(Content(tag).label.lower() for tag in tags)


def _speaks(asked: Asked, person: Person) -> bool:
    met = [speaks(person.languages, code) for code in asked.languages]
    return all(met) if asked.languages_need == "all" else not met or any(met)


def _has(wanted: list[str], need: str, own: list[str]) -> bool:
    if need == "all":
        return set(wanted) <= set(own)
    return not wanted or not set(wanted).isdisjoint(own)


def _listed(words: list[str], need: str) -> str:
    return (" and " if need == "all" else " or ").join(words)


def _lacks(wanted: str, own: list[str]) -> str:
    has = f"has {', '.join(own)}" if own else "names none"
    return f"The project asks for {wanted}; your profile {has}. If you know it well, add it to your profile."
