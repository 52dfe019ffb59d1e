"""The form behind a member's page: what somebody else saved meanwhile is not undone without a word."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from members.models import Member


class MemberForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    seen = forms.CharField(widget=forms.HiddenInput, required=False, label="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = self.instance.updated_at.isoformat()

    @property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name != "seen"]

    def clean(self) -> dict[str, Any] | None:
        """Whoever saves again after this sentence has been told; until the request ends nobody else saves this member."""
        cleaned = super().clean()
        if self.instance.pk and self.changed_data:
            stored = Member.objects.select_for_update(of=("self",)).get(pk=self.instance.pk).updated_at.isoformat()
            if self.data.get("seen", stored) != stored:
                told = cast("QueryDict", self.data).copy()
                told["seen"] = stored
                self.data = told
                self.add_error(
                    None,
                    _(
                        "Somebody else has changed this member meanwhile. What you typed stands here still: look at the "
                        "member's page, then save again to put yours in its place."
                    ),
                )
        return cleaned
