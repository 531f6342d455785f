"""The answers of three annotators to six items, and the pairs that must be exported for them."""

# By item and annotator, as content: the first or second response in the file, or a tie.
VERDICTS = {
    1: ("first", "first", "first"),
    2: ("second", "second", "second"),
    3: ("first", "first", "tie"),
    4: ("second", "first", "second"),
    5: ("tie", "tie", "first"),
    6: ("first", "second", "tie"),
}

# Where more than half prefer one response; ties and contested items make no pair.
_MAJORITIES = {1: "first", 2: "second", 3: "first", 4: "second"}
PAIRS = {
    f"Question {item}?": f"{side.capitalize()} answer to {item}."
    for item, side in _MAJORITIES.items()
}
