"""What an alert says to people: what was found, what chance alone would give, and what to do now. Pure."""

from projects.quality.alerts.evidence import AffectedCounts, Evidence
from projects.quality.monitors.gauges import FAST, FAST_SHARE, IMPOSSIBLE_WORDS, LAST, TOGETHER
from projects.quality.monitors.signs import CHANCE, Fast
from projects.stats.pairs import HARDLY_BELOW, NEARLY_ALWAYS_FROM, OFTEN_FROM
from rlhfhub.web.templatetags.amounts import duration

SIGNS = {
    "impossible": "faster than anybody can read",
    "fast": "most answers took less than a third of the usual time for such texts",
    "side": "nearly always the same place on the screen",
    "run": "the same answer again and again",
    "guessing": "hardly more often right than guesses",
}


def title(kind: str, who: str, evidence: Evidence) -> str:
    """Return the alert in a sentence; `who` is the annotator's pseudonym, or empty for the whole project."""
    since = f"since answer {evidence.since:,}" if evidence.since else "from the first answer on"
    before, after = _percent(evidence.before), _percent(evidence.after)
    match kind:
        case "gold":
            return f"{who} answers items with a known right answer right in {after} {since}; it was {before}."
        case "agreement":
            return f"{who} agrees less with the others {since}: probably right in {after}, before in {before}."
        case "guessing":
            return f"{who}’s answers are hardly more often right than guesses {since}: {after}."
        case "side":
            which, share = _preferred(evidence.after)
            return f"{who} prefers what is shown {which} in {share} of the answers {since}; half would be even."
        case "run":
            return f"{who} gave an answer that looked the same {evidence.at - evidence.since} times in a row."
        case "speed":
            signs = "; ".join(SIGNS[sign] for sign in evidence.signs)
            return f"{who} answers suspiciously fast{_how_fast(evidence)}: {signs}."
        case "moved":
            return (
                f"The annotators of this project agree less since item {evidence.since:,}: their answers are probably "
                f"right in {after}, before in {before}."
            )
        case _:
            return _found(kind, who, evidence)


def _how_fast(evidence: Evidence) -> str:
    found = evidence.fast
    if found is None:
        return ""
    return f", in about {duration(found.seconds)} for {found.words:,.0f} words"


def _measured_times(found: Fast) -> str:
    """What an alarm about speed measured, beside what it expects."""
    least = duration(60 * found.words / IMPOSSIBLE_WORDS)
    said = (
        f"Half of the newest {found.answers} answers took {duration(found.seconds)} or less, for texts of about "
        f"{found.words:,.0f} words. At {IMPOSSIBLE_WORDS:,} words a minute, faster than anybody reads, they take "
        f"{least}"
    )
    if found.usual_seconds is None:
        return f"{said}."
    return f"{said}; usual in this project are {duration(found.usual_seconds)}."


def _found(kind: str, who: str, evidence: Evidence) -> str:
    others = " and ".join(evidence.others[:3]) or "themselves"
    if kind == "pair":
        return (
            f"{who} and {others} gave the same answer against all others to {evidence.count:,} of the {evidence.of:,} "
            f"items that they answered together; chance explains about {evidence.expected:.1f}."
        )
    if kind == "pasted":
        return (
            f"{who} pasted most of the text in {evidence.count} of the newest {evidence.of} answers with a text; "
            "machine-written text is not allowed in this project."
        )
    return f"{who} wrote {evidence.count} texts that are nearly the same as texts of {others}."


def _preferred(share_first: float | None) -> tuple[str, str]:
    """Which response on the screen is preferred, and how often."""
    if share_first is not None and share_first < 0.5:
        return "second", _percent(1 - share_first)
    return "first", _percent(share_first)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.0f} %"


def chance(kind: str, evidence: Evidence) -> str:
    """Return how many such alerts chance alone gives."""
    if kind == "pair":
        return (
            "Of 20 such alerts about one is expected to be false (Benjamini–Hochberg at 5 %, over all pairs). "
            f"{pairs_found()}"
        )
    if kind == "copies":
        return "Texts of 40 characters or more are hardly ever alike by chance. Stock phrases are left out."
    if kind == "pasted":
        return (
            "People paste quotations and links, so one pasted text says nothing. Here texts of 40 characters or more "
            "were pasted nearly whole again and again. Some people write in an editor first and paste from there."
        )
    rate = CHANCE[kind]
    of = "items" if kind == "moved" else "answers of people"
    often = f"Chance alone sets this off at most once in {10_000 / rate:,.0f} {of} "
    often += "while people work as always" if kind == "moved" else "who work as always"
    a_day = evidence.a_day * rate / 10_000
    if a_day <= 0:
        return f"{often}."
    counted = "item" if kind == "moved" else "answer"
    pace = (
        f"about {evidence.a_day:,.0f} {counted}s a day"
        if evidence.a_day >= 1
        else f"less than one {counted} a day"
    )
    which = "" if kind == "moved" else ", those to keyed items and repeats among them"
    return (
        f"{often}. In the week before this alert the project got {pace}, counted from the first of them{which}: at "
        f"this pace expect {_every(a_day)}."
    )


def _every(a_day: float) -> str:
    if a_day >= 1:
        return f"about {a_day:.0f} false alarms a day"
    days = 1 / a_day
    return (
        f"one false alarm in about {days:,.0f} days" if days < 3650 else "hardly ever a false alarm"
    )


def pairs_found() -> str:
    """Return which pairs cannot be found, because they share too few items."""
    return (
        f"Two people who have answered fewer than {HARDLY_BELOW} items together can hardly be found, whatever they do. "
        f"Of those who copy nine in ten answers two thirds are found from {OFTEN_FROM} such items on, and nearly all "
        f"from {NEARLY_ALWAYS_FROM}."
    )


_RESTS_ON: dict[str, str] = {
    "gold": "answers to items with a known right answer",
    "agreement": "answers to items that others have answered too",
    "guessing": "answers to items that others have answered too",
    "side": "answers that prefer one response",
    "run": "answers",
    "speed": "answers",
    "moved": "items that several people have answered",
}


_MOVED = (
    "Of each item the first answer was measured: how probable it is that it is right, given what the others answered "
    "to the item and how often each of them agrees with the rest. The first items show what is usual in this project."
)


_SPEED = (
    f"Below 100 % an answer is too fast: it took less than {_percent(FAST_SHARE)} of what is usual here for a text of "
    f"its length, or less than reading it at {IMPOSSIBLE_WORDS:,} words a minute. A single such answer may be a quick "
    f"glance; an alert needs {TOGETHER} together that nobody can read, or {FAST} fast ones of {LAST} and another sign."
)


def rests_on(kind: str, evidence: Evidence) -> str:
    """Return on which answers the charts rest, and how many; empty for what a search found, which has no chart."""
    if kind not in _RESTS_ON:
        return ""
    words = f"The chart shows {evidence.at:,} {_RESTS_ON[kind]}, until the alert was opened."
    if len(evidence.points) < evidence.at:
        words += f" It draws {len(evidence.points)} of them, evenly spread."
    if kind == "speed":
        measured = f"{_measured_times(evidence.fast)} " if evidence.fast else ""
        return f"{measured}{words} {_SPEED}"
    return f"{words} {_MOVED}" if kind == "moved" else words


def affected(evidence: Evidence, counts: AffectedCounts) -> str:
    """Return which answers are affected, and how many there are of each sort."""
    parts = [
        (counts.data, "for the project’s data"),
        (counts.keyed, "to items with a known right answer"),
        (counts.repeats, "to items that were asked a second time"),
    ]
    sorts = [(number, words) for number, words in parts if number]
    which = "since the change" if evidence.affected_from else "that the search found"
    if evidence.fast:
        which = "that were too fast, since the first of them; slower ones are left out"
    answers = f"{counts.all:,} answer{'' if counts.all == 1 else 's'}"
    if len(sorts) == 1:
        return f"{answers} {sorts[0][1]} {which}."
    return f"{answers} {which}: {', '.join(f'{number:,} {words}' for number, words in sorts)}."


_WHAT_TO_DO: dict[str, str] = {
    "gold": "Look at some of the affected answers. If they are worse, let the annotator recalibrate, and ask others "
    "for answers to the same items.",
    "agreement": "Look at some of the affected answers. The others may be wrong, or the items harder: then lift the "
    "alert. If the answers are worse, let the annotator recalibrate.",
    "guessing": "Look at some answers. If they follow no rule of the guidelines, let the annotator recalibrate, and "
    "ask others for answers to the same items.",
    "side": "The order is drawn at random, so a careful reader has no reason to prefer a place. Look at some answers.",
    "run": "Look at these answers: similar items may deserve the same answer. If not, ask others for answers.",
    "speed": "Fast alone is not bad. Look at some of the answers before you decide.",
    "pair": "Compare the answers of both. Two people may share a correct reading that the others miss.",
    "copies": "Compare the texts. A stock phrase is no copy; a whole explanation is.",
    "pasted": "Read the texts. A machine writes smoothly, at length and about nothing in particular. If they speak of "
    "the responses as a reader would, lift the alert. If you are not sure, wait for what the annotator answers.",
    "moved": "Nobody in particular is meant: the items, the guidelines or the people may have changed. Compare the "
    "newest items and the newest guideline version with those before, and look at some of the affected answers.",
}


def what_to_do(kind: str) -> str:
    """Return what the member who decides can do."""
    return _WHAT_TO_DO[kind]


_OWN: dict[str, str] = {
    "gold": "Fewer of your answers than before are right where the right answer is known.",
    "agreement": "Your answers agree less with those of others than they did before.",
    "guessing": "Your answers agree with those of others hardly more often than guesses would.",
    "side": "You choose the same place on the screen far more often than the order of the responses explains.",
    "run": "Many of your answers in a row looked the same.",
    "speed": "You answer faster than the texts can be read.",
    "pair": "Your answers and those of one other person differ from all others in the same way.",
    "copies": "Texts of yours are nearly the same as texts that were written before.",
    "pasted": "Most of the text in many of your newest answers was pasted. Machine-written text is not allowed in this "
    "project. If you write in an editor and paste from there, say so.",
    "moved": "",
}


def own(kind: str) -> str:
    """Return what the annotator reads about an alert about them."""
    return _OWN[kind]
