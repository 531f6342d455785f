"""The forms by which members say what a project asks of annotators, and which items it shows beforehand."""

from typing import Any

from django import forms

from annotators.profiles import places, tags
from projects.plan.models import Project, Requirement

EMPTY_ROWS = 2


class RequirementForm(forms.Form):
    """What a project asks for. Languages are chosen one by one; the last rows are empty."""

    languages = forms.MultipleChoiceField(
        label="Languages",
        required=False,
        help_text="Portuguese is met by the Portuguese of any country, Portuguese (Brazil) by no other.",
    )
    languages_need = forms.ChoiceField(
        label="Of these languages",
        choices=Requirement.Need.choices,
        widget=forms.RadioSelect,
        initial=Requirement.Need.ALL,
    )
    domains = forms.CharField(
        label="Knowledge",
        required=False,
        max_length=1000,
        help_text="In words, with commas between: medicine, python. Annotators say in their profile what they know.",
    )
    domains_need = forms.ChoiceField(
        label="Of this knowledge",
        choices=Requirement.Need.choices,
        widget=forms.RadioSelect,
        initial=Requirement.Need.ALL,
    )
    content = forms.MultipleChoiceField(
        label="The items contain",
        required=False,
        choices=tags.Content.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Who does not want to see it is asked before they join.",
    )

    def __init__(self, data: Any = None, *, project: Project) -> None:
        asks = project.requirement
        initial = {
            "languages": asks.languages if asks else [],
            "languages_need": asks.languages_need if asks else Requirement.Need.ALL,
            "domains": ", ".join(asks.domains) if asks else "",
            "domains_need": asks.domains_need if asks else Requirement.Need.ALL,
            "content": asks.content if asks else [],
        }
        super().__init__(data, initial=initial)
        self.fields["languages"].choices = [("", "—"), *places.languages().items()]  # type: ignore[attr-defined]

    def rows(self) -> list[str]:
        """Return the codes of the languages chosen, and an empty one for each row to fill in."""
        chosen = [code for code in self["languages"].value() or () if code]
        return [*chosen, *[""] * EMPTY_ROWS]

    def clean_languages(self) -> list[str]:
        return [code for code in self.cleaned_data["languages"] if code]

    def clean_domains(self) -> list[str]:
        return tags.domains(self.cleaned_data["domains"])


class ExampleForm(forms.Form):
    """An item to show beforehand."""

    external_id = forms.CharField(
        label="Item",
        max_length=1000,
        help_text="Its id, as you imported it. The list of items shows it.",
    )
