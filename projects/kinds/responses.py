"""Checks of an item's responses that kinds share: how many there are, and which look alike."""

import re
import unicodedata

from projects.kinds.problems import Problem, problem

#: The greatest number of responses an item may bring.
MOST_RESPONSES = 10

# Controls and the characters of Unicode's Default_Ignorable_Code_Point: none of them is seen.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b"
    "\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
# Joiners beside ASCII, where they join nothing; elsewhere they change what is seen.
_JOINER = re.compile("(?<![^\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f])")
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANK = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
#: Texts that differ do so early, nearly always.
_HEAD_CHARS = 80
# Characters that never combine with the one before them: ASCII, Cyrillic, Chinese.
_CUT = re.compile("[ -~\u0400-\u0482\u3001-\u3029\u4e00-\u9fff]")


def listed(item: object) -> list[object] | None:
    """The item's responses; an item that has no such field has none. None: they are no list."""
    found = item.get("responses", []) if isinstance(item, dict) else None
    return found if isinstance(found, list) else None


def check_count(item: object, least: int, most: int) -> list[Problem]:
    """Whether the item brings from `least` to `most` responses."""
    responses = listed(item)
    wanted = _counted(most) if least == most else f"{least} to {_counted(most)}"
    if responses is None:
        return [problem("responses", f"This must be a list of {wanted}.")]
    if not least <= len(responses) <= most:
        given = f"{_counted(len(responses))} {'was' if len(responses) == 1 else 'were'} given"
        return [problem("responses", f"This must be a list of {wanted}, but {given}.")]
    return []


def _counted(number: int) -> str:
    return f"{number} response" if number == 1 else f"{number} responses"


def look_alike(first: object, second: object) -> bool:
    """Whether a reader, or a trainer's chat template, can find no difference between two responses.

    Ignored are blanks at the ends, the form of line ends and blanks, the Unicode form (NFC), and
    characters that are not seen. Responses that are malformed are not compared.
    """
    one, other = _turns(first), _turns(second)
    if one is None or other is None or len(one) != len(other):
        return False
    pairs = zip(one, other, strict=True)
    return all(role == its_role and _alike(text, its) for (role, text), (its_role, its) in pairs)


def _turns(response: object) -> list[tuple[str, str]] | None:
    """A response as (role, text) turns; a text is one turn of the assistant. None: malformed."""
    if not isinstance(response, dict):
        return None
    text, messages = response.get("text"), response.get("messages")
    if isinstance(text, str):
        return [("assistant", text)]
    if not isinstance(messages, list):
        return None
    turns: list[tuple[str, str]] = []
    for message in messages:
        role = message.get("role") if isinstance(message, dict) else None
        content = message.get("content") if isinstance(message, dict) else None
        if not isinstance(role, str) or not isinstance(content, str):
            return None
        turns.append((role, content))
    return turns


def _alike(first: str, second: str) -> bool:
    return _heads_alike(first, second) and _seen(first).strip() == _seen(second).strip()


def _heads_alike(first: str, second: str) -> bool:
    """False only where the texts differ; told by their first words, so that most pairs cost little."""
    one, other = (_seen(_head(text)).strip() for text in (first, second))
    both = min(len(one), len(other))
    return one[:both] == other[:both]


def _head(text: str) -> str:
    """The beginning, cut where nothing combines across the cut."""
    end = min(len(text) - 1, _HEAD_CHARS)
    while end > 0 and not _CUT.match(text, end):
        end -= 1
    return text[: max(end, 0)].rstrip("\u200c\u200d")


def _seen(text: str) -> str:
    """The text without what is not seen, in one form of line ends, blanks and Unicode."""
    if text.isascii() and text.isprintable():
        return text
    text = _UNSEEN.sub("", _LINE_END.sub("\n", text))
    if text.isascii():
        return text
    text = _JOINER.sub("", _BLANK.sub(" ", text))
    return unicodedata.normalize("NFC", text)
