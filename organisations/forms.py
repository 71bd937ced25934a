from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    AuthenticationForm,
    BaseUserCreationForm,
    PasswordChangeForm,
)
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organisations.choices import Role
from organisations.locks import refusal_text
from organisations.models import Account

ROLE_FIELDS = tuple(role.value for role in Role)
NEEDS_REASON = frozenset({*ROLE_FIELDS, "organisation", "is_active"})


def reason_field(help_text: str, *, required: bool) -> forms.CharField:
    """Why an account is made or changed; as long as a reason can be in the history."""
    widget = forms.TextInput(attrs={"class": "vTextField"})
    return forms.CharField(label=_("Reason"), max_length=100, required=required, help_text=help_text, widget=widget)


class LoginForm(AuthenticationForm):
    """User name and password; a refusal says how many tries are left, or how long the name is locked."""

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if len(username) > Account._meta.get_field("username").max_length:  # no account, and too long to be counted
            raise ValidationError(_("User name and password do not match, or the account may not log in."))
        return username

    def get_invalid_login_error(self) -> ValidationError:
        failures = self.request.axes_failures_since_start or settings.AXES_FAILURE_LIMIT
        return ValidationError(refusal_text(self.cleaned_data["username"], failures, timezone.now()))


class OwnPasswordForm(PasswordChangeForm):
    """One's own new password: from now on nobody else knows it."""

    def save(self, commit: bool = True) -> Account:
        self.user.must_change_password = False
        return _save_password(super().save(commit=False))


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """An account as the system administrator edits it: what decides on rights is changed for a reason only."""

    reason = reason_field(
        _("Needed when roles, organisation or “may log in” change; it is kept in the history."), required=False
    )

    class Meta:
        model = Account
        fields = ("username", "name", "organisation", "is_active", *ROLE_FIELDS)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("reason") and "reason" not in self.errors and NEEDS_REASON & set(self.changed_data):
            self.add_error("reason", _("Say why roles, organisation or “may log in” change."))
        return cleaned


class AccountCreationForm(BaseUserCreationForm):
    """A new account: who creates it knows its password, so it must be changed at the first login."""

    reason = reason_field(_("Why the account is needed; it is kept in the history."), required=True)

    class Meta:
        model = Account
        fields = ("username", "name", "organisation")

    def save(self, commit: bool = True) -> Account:
        self.instance.must_change_password = True
        return super().save(commit)


class PasswordForm(AdminPasswordChangeForm):
    """A password that the system administrator sets anew: it must be changed at the next login."""

    usable_password_help_text = _("When disabled, nobody can log in with this account until a password is set again.")

    def save(self, commit: bool = True) -> Account:
        self.user.must_change_password = True
        return _save_password(super().save(commit=False))


def _save_password(account: Account) -> Account:
    """Saves the password alone: hashing takes a while, in which the roles may have been changed elsewhere."""
    account.save(update_fields=["password", "password_changed_at", "must_change_password"])
    return account
