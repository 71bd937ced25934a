from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from organisations.models import Account, Organisation
from targets import clock, formats
from targets.choices import Origin
from targets.domain import review
from targets.domain.decomposition import REASON_LENGTH, STALE, TargetEntry, set_targets, version_of
from targets.domain.periods import check_extension
from targets.models import Commitment, DueDayExtension, Period, Plan, Target
from targets.problems import Refused


class UploadForm(forms.Form):
    """A spreadsheet, with the unit and the period that it is for where the file itself does not say."""

    file = forms.FileField(label=_("File"), allow_empty_file=True)
    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Unit"), required=False)
    period = forms.ModelChoiceField(Period.objects.none(), label=_("Period"), required=False)

    def __init__(self, *args: Any, account: Account, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.below(account.organisation)  # type: ignore[attr-defined]
        self.fields["organisation"].initial = account.organisation
        self.fields["organisation"].empty_label = _("As the file says")  # type: ignore[attr-defined]
        self.fields["period"].queryset = Period.objects.order_by("-year", "-quarter")  # type: ignore[attr-defined]
        self.fields["period"].empty_label = _("As the file says")  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_MAX_BYTES:
            raise forms.ValidationError(
                _(
                    "The file has %(size).1f MB; at most %(limit)d MB can be read. "
                    "Split it, or delete pictures from it."
                ),
                params={"size": file.size / 1024 / 1024, "limit": settings.UPLOAD_MAX_BYTES // 1024 // 1024},
            )
        return file


class ReasonForm(forms.Form):
    """Why something is sent back."""

    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=review.REASON_LENGTH, strip=True,
        error_messages={"required": _("Say why: this step needs a reason.")},
    )  # fmt: skip


class ExtensionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A later due day for one unit; what extend_due_day refuses are the form's errors."""

    account: Account

    class Meta:
        model = DueDayExtension
        fields = ("period", "organisation", "due_on", "reason")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        day = self._present_day()
        if day is not None:
            self.fields["due_on"].help_text = _("The unit's due day now: %(day)s.") % {"day": formats.day(day)}

    def _present_day(self) -> date | None:
        """The day that the unit has now, where the row or the address says which unit; None otherwise."""
        row = self.instance
        period, organisation = (
            (row.period_id, row.organisation_id) if row.pk else map(self.initial.get, ("period", "organisation"))
        )
        extended = DueDayExtension.objects.filter(period=period, organisation=organisation)
        own: date | None = extended.values_list("due_on", flat=True).first()
        return own or Period.objects.filter(pk=period).values_list("due_on", flat=True).first()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        row = self.instance
        period, organisation = (row.period, row.organisation) if row.pk else (data["period"], data["organisation"])
        try:
            check_extension(period, organisation, data["due_on"], actor=self.account)
        except PermissionDenied as error:
            raise forms.ValidationError(str(error)) from error
        return data


class TargetForm(forms.ModelForm):  # type: ignore[type-arg]
    """One row of the decomposition. What it says goes through set_targets: its refusals are the form's errors.

    `based_on` is the version of the row that the page shows. After somebody else's change it moves on with the
    refusal, which tells both versions: who then saves again, means it.
    """

    reason = forms.CharField(label=_("Reason of the change"), max_length=REASON_LENGTH, strip=True)
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)
    account: Account

    class Meta:
        model = Target
        fields = ("commitment", "organisation", "reports", "numerator", "denominator", "baseline")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["based_on"] = version_of(self.instance)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            # Locked until the save, so that nobody comes between the trial and the writing.
            Plan.objects.select_for_update().get(pk=self._subject()[0].plan_id)
            try:
                with transaction.atomic():
                    self._set_targets()
                    transaction.set_rollback(True)
            except Refused as refused:
                if any(problem.code == STALE for problem in refused.problems):
                    self._move_on()
                raise forms.ValidationError([problem.message for problem in refused.problems]) from refused
            except PermissionDenied as error:
                raise forms.ValidationError(str(error)) from error
        return data

    def save(self, commit: bool = True) -> Target:
        self._set_targets()
        commitment, organisation = self._subject()
        self.instance = Target.objects.get(commitment=commitment, organisation=organisation)
        return self.instance

    def save_m2m(self) -> None:
        """Nothing is left to save."""

    def _move_on(self) -> None:
        self.data = self.data.copy()
        self.data[self.add_prefix("based_on")] = str(self.initial["based_on"])

    def _subject(self) -> tuple[Commitment, Organisation]:
        row = self.instance
        if row.pk:
            return row.commitment, row.organisation
        return self.cleaned_data["commitment"], self.cleaned_data["organisation"]

    def _set_targets(self) -> None:
        commitment, organisation = self._subject()
        data = self.cleaned_data
        numbers = (data.get("numerator"), data.get("denominator"), data.get("baseline"))  # not asked of a milestone
        based_on = data["based_on"] or 0
        entry = TargetEntry(commitment.code, organisation.code, *numbers, data["reports"], based_on=based_on)
        set_targets(
            commitment.plan, [entry], actor=self.account, at=clock.now(), origin=Origin.ADMIN, reason=data["reason"]
        )
