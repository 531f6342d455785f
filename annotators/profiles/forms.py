"""The form of a person's own profile."""

from typing import Any

from django import forms

from annotators.profiles import places, tags
from annotators.profiles.selectors import Person

EMPTY_ROWS = 2


class ProfileForm(forms.Form):
    """What a person tells about themselves. Languages are chosen one by one; the last rows are empty."""

    is_adult = forms.BooleanField(
        label="I am 18 or older",
        required=False,
        help_text="Paid work is for adults. We do not ask for your date of birth.",
    )
    country = forms.ChoiceField(
        label="Country you live in",
        required=False,
        help_text="It decides whether you can be paid. Workspaces do not see it.",
    )
    languages = forms.MultipleChoiceField(
        label="Languages you read and write well",
        required=False,
        help_text="Projects ask for a language, such as Portuguese, or for that of a country, such as Portuguese "
        "(Brazil). Choose yours with its country if the list has it: it counts for both. Save to add more.",
    )
    domains = forms.CharField(
        label="What you know well",
        required=False,
        max_length=1500,
        help_text="In your own words, with commas between: medicine, python, Roman law.",
    )
    avoids = forms.MultipleChoiceField(
        label="What you do not want to see",
        required=False,
        choices=tags.Content.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Projects that contain it say so. You join one only if you agree to see it there.",
    )

    def __init__(self, data: Any = None, *, person: Person) -> None:
        initial = {
            "is_adult": person.is_adult,
            "country": person.country,
            "languages": person.languages,
            "domains": ", ".join(person.domains),
            "avoids": person.avoids,
        }
        super().__init__(data, initial=initial)
        countries = [("", "Choose"), *places.countries().items()]
        self.fields["country"].choices = countries  # type: ignore[attr-defined]
        self.fields["languages"].choices = [("", "—"), *places.languages().items()]  # type: ignore[attr-defined]

    def rows(self) -> list[str]:
        """Return the codes of the languages chosen, and an empty one for each row to fill in."""
        chosen = [code for code in self["languages"].value() or () if code]
        return [*chosen, *[""] * EMPTY_ROWS]

    def clean_languages(self) -> list[str]:
        return [code for code in self.cleaned_data["languages"] if code]

    def clean_domains(self) -> list[str]:
        return tags.domains(self.cleaned_data["domains"])
