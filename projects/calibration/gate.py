"""The gate of main batches: enough annotators passed the latest round, and agree enough if it asks for that."""

from dataclasses import dataclass

from projects.calibration import selectors
from projects.calibration.agreement import Group, RoundAgreement, agreement_of
from projects.calibration.models import Round
from projects.calibration.needs import major_in_force
from projects.items import gates
from projects.items.models import Batch
from projects.plan.models import Project


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether main batches may open: `missing` says what is missing, in sentences, and is empty if they may.

    Only the newest round that was opened `decides`. The agreement of those who passed counts. `warning` says what is
    doubtful about it although it closes nothing.
    """

    decides: bool
    passed: int
    needed: int
    agreement: RoundAgreement
    missing: list[str]
    warning: str
    is_overridden: bool

    @property
    def is_open(self) -> bool:
        """Whether main batches may open."""
        return self.decides and (self.is_overridden or not self.missing)


def gate_of(of: Round) -> Gate:
    """Return the state of a round's gate. Workspace plane."""
    passed, agreed = selectors.passes_of(of), agreement_of(of)
    other, words = _other_words(of), _alpha_words(of, agreed.passed)
    return Gate(
        decides=not other,
        passed=passed,
        needed=of.needed,
        agreement=agreed,
        missing=[other] if other else _missing(of, passed, words),
        warning="" if of.alpha_gates or other else words,
        is_overridden=of.override_at is not None,
    )


def _missing(of: Round, passed: int, alpha_words: str) -> list[str]:
    """Return in sentences what the newest round's main batches wait for."""
    missing = _outdated_words(of)
    if passed < of.needed:
        missing.append(
            f"{of} needs {of.needed} who pass, and {passed} {'has' if passed == 1 else 'have'} passed so far."
        )
    if alpha_words and of.alpha_gates:
        missing.append(alpha_words)
    return missing


def _other_words(of: Round) -> str:
    """Return a sentence that says that another round decides, or none yet; empty if this one does."""
    if of.is_discarded:
        return "This round was discarded, so it decides nothing."
    latest = selectors.latest_round(of.project_id)
    if of.opened_at is None or latest is None:
        return "This round was not opened yet."
    return "" if latest == of else f"{latest} decides: it is the newest that was opened."


def _outdated_words(of: Round) -> list[str]:
    """Return in words that the rules changed since the round was opened; empty if they did not."""
    major = major_in_force(of.project_id)
    version = of.guideline_version
    if version is None or version.number >= major:
        return []
    return [f"Version {major} of the guidelines changed the rules since {of}. Make a new round."]


def _alpha_words(of: Round, group: Group) -> str:
    """Return in words that the agreement of those who passed is below the target, or not known; empty if it is not."""
    if of.alpha_target is None:
        return ""
    alpha, target = group.alpha, _number(of.alpha_target)
    # Without any disagreement α is 1 and has no interval.
    low = alpha.value if alpha.low is None and alpha.value == 1 else alpha.low
    if low is None:
        return (
            f"α of those who passed {of} is not known yet, and its low end should reach {target}."
        )
    if low < of.alpha_target:
        return f"The low end of α of the {group.people} who passed {of} is {_number(low)}, and should reach {target}."
    return ""


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def closed_because(batch: Batch) -> str | None:
    """Return why a main batch may not open yet; None if it may. Registered with `projects.items.gates`."""
    asks = Project.objects.filter(
        pk=batch.project_id, calibration=Project.Calibration.REQUIRED
    ).exists()
    if not asks:
        return None
    latest = selectors.latest_round(batch.project_id)
    if latest is None:
        return (
            "This project asks for calibration, and no round was opened yet. Make a calibration round, and open this "
            "batch when enough annotators have passed."
        )
    gate = gate_of(latest)
    if gate.is_open:
        return None
    return " ".join([*gate.missing, "An owner can override this on the round's page, in writing."])


def register() -> None:
    """Register the gate. Called from the AppConfig's ready()."""
    gates.register(closed_because)
