"""The canonical form of texts: two texts have the same one if neither a reader nor a chat template can tell them apart.

Chat templates strip blanks at the ends of a message. Readers see neither the kind of line end nor the Unicode form nor
characters without a glyph. Those characters are Unicode's Default_Ignorable_Code_Point (UAX #44) and the controls. A
joiner is kept where it changes what is drawn: after a virama or an Arabic letter (RFC 5892, appendix A), and in an
emoji sequence.
"""

import re
import unicodedata

_CONTROLS = bytes([*range(0x09), *range(0x0E, 0x1C), 0x7F])
_JOINERS = "\u200c\u200d"
_INVISIBLE = re.compile(
    "[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")
_VIRAMA = 9
# ASCII, Cyrillic, ideographs and Hangul syllables: NFC changes these only if a combining mark follows.
_STAND_ALONE = re.compile("[!-~\u0410-\u044f\u4e00-\u9fff\uac00-\ud7a3]*")
_NEAR = 32
# If so many characters at the start are invisible, the whole text is examined.
_GLANCE = 8


def canonical(text: str) -> str:
    """Return `text` in NFC, without invisible characters and blanks at its ends, with `\\n` as line end.

    Idempotent. Only for comparing: stored text stays as it was sent.
    """
    if text.isascii():
        text = text.encode().translate(None, _CONTROLS).decode()
        return _LINE_END.sub("\n", text).strip() if "\r" in text else text.strip()
    if _INVISIBLE.search(text):
        text = _INVISIBLE.sub(_kept, text)
    text = unicodedata.normalize("NFC", text)
    return _LINE_END.sub("\n", text).strip()


def _kept(found: re.Match[str]) -> str:
    """Return the character if it is a joiner with an effect, else ""."""
    at, text = found.start(), found.string
    if found[0] not in _JOINERS:
        return ""
    before = text[at - 1 : at]
    if before in ("\ufe0e", "\ufe0f"):
        # A variation selector may be between an emoji and its joiner.
        before = text[at - 2 : at - 1]
    return found[0] if before and _joins(before) else ""


def _joins(before: str) -> bool:
    return (
        unicodedata.combining(before) == _VIRAMA
        or unicodedata.bidirectional(before) == "AL"
        or unicodedata.category(before) in ("So", "Sk")
    )


def is_blank(text: str) -> bool:
    """Return whether all of `text` is invisible."""
    if text and "!" <= text[0] <= "~":
        return False
    return not (canonical(text[:_GLANCE]) or canonical(text))


def look_alike(first: str, second: str) -> bool:
    """Return whether two texts have the same canonical form."""
    # Mostly the first characters already differ, which is quickly seen.
    if _surely_differ(first[:1], second[:1]):
        return False
    if first == second:
        return True
    at = _first_difference(first, second)
    if _surely_differ(first[at : at + 1], second[at : at + 1]):
        return False
    both = first[at : at + 2] + second[at : at + 2]
    if len(both) == 4 and _STAND_ALONE.fullmatch(both):
        return False
    return canonical(first) == canonical(second)


def _surely_differ(one: str, other: str) -> bool:
    """Whether texts that are the same up to these characters cannot look alike.

    A visible ASCII character is kept, and no other character decomposes into it alone: what follows it may compose
    with it, but never into what begins with another ASCII character.
    """
    return one != other and "!" <= one <= "~" and "!" <= other <= "~"


def _first_difference(first: str, second: str) -> int:
    """Return the index of the first difference of two different texts; the shorter length if one is a prefix."""
    same = 0
    # Compare the first characters one by one: bisection would be slower for an early difference, the usual case.
    if first[:_NEAR] != second[:_NEAR]:
        for one, other in zip(first, second, strict=False):
            if one != other:
                break
            same += 1
        return same
    end = min(len(first), len(second))
    while same < end:
        middle = (same + end + 1) // 2
        if first[same:middle] == second[same:middle]:
            same = middle
        else:
            end = middle - 1
    return same
