"""Stripe's codes for what it must know and for why an account cannot be paid, in plain words. Pure."""

_WORDS = {
    "identity.individual.given_name": "Your first name",
    "identity.individual.surname": "Your last name",
    "identity.individual.date_of_birth": "Your date of birth",
    "identity.individual.address": "Your address",
    "identity.individual.email": "Your email address",
    "identity.individual.phone": "Your phone number",
    "identity.individual.id_numbers": "Your tax or identity number",
    "identity.individual.documents.primary_verification": "A photo of an identity document",
    "identity.individual.documents.secondary_verification": "A photo of a second document",
    "identity.attestations.terms_of_service": "Your agreement to Stripe's terms",
    "external_account": "A bank account that Stripe can pay to",
}
_REASONS = {
    "requirements_past_due": "Something that Stripe asked for is overdue.",
    "requirements_pending_verification": "Stripe is checking what you sent. This takes up to some days.",
    "determining_status": "Stripe is checking your account. This takes minutes, sometimes days.",
    "restricted_other": "Stripe has restricted the account. Its dashboard says why.",
    "rejected_other": "Stripe has rejected the account. Write to Stripe: only they can tell why.",
    "unsupported_business": "Stripe does not serve this kind of business.",
    "unsupported_country": "Stripe cannot pay people in this country.",
    "unsupported_entity_type": "Stripe cannot pay this kind of account.",
}


def requirement(code: str) -> str:
    """Return what a requirement asks for. An unknown code is returned as it is.

    Codes name parts of parts (`identity.individual.address.city`): the longest known beginning counts.
    """
    known = code
    while known:
        if known in _WORDS:
            return _WORDS[known]
        known = known.rpartition(".")[0]
    return code


def reason(code: str) -> str:
    """Return why an account cannot be paid. An unknown code is returned as it is."""
    return _REASONS.get(code, code)
