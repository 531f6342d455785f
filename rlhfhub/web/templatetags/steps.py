"""The steps of a batch: import, fund, open, close."""

from typing import Any

from django import template

register = template.Library()

_ORDER = ("import", "fund", "open", "close")


@register.simple_tag
def batch_steps(batch: Any) -> dict[str, str]:
    """Return for each step whether it is done, current or still to do, and which is next.

    Opening a batch ends its import, closing ends all; a closed batch has no next step.
    """
    done = {
        "import": batch.items_count > 0,
        "fund": batch.funding == "funded",
        "open": batch.status not in ("draft", "funded"),
        "close": batch.status in ("closed", "signed_off"),
    }
    following = "" if done["close"] else next((step for step in _ORDER if not done[step]), "")
    states = {step: _state(done[step], step == following) for step in _ORDER}
    return {**states, "next": following}


def _state(done: bool, following: bool) -> str:
    if done:
        return "done"
    return "current" if following else "todo"
