from typing import Any, NoReturn

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, BaseUserCreationForm
from django.contrib.auth.models import Group
from django.core.exceptions import BadRequest
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from organisations.choices import Role
from organisations.domain import save_organisation
from organisations.history import ChangeTexts
from organisations.models import Account, Organisation

admin.site.unregister(Group)  # rights come from roles

EVERYBODY = frozenset(Role)
FIGURE_ROLES = frozenset(Role) - {Role.SYSTEM_ADMINISTRATOR}


class RoleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who may look and who may edit is said by roles; rows are those that the account may see."""

    viewers: frozenset[Role] = FIGURE_ROLES
    editors: frozenset[Role] = frozenset()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.visible_to(request.user) if hasattr(rows, "visible_to") else rows

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_role(self.viewers | self.editors)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_role(self.editors)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_role(self.editors)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_role(self.editors)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not all(is_key(value) for value in request.POST.getlist("_selected_action")):
            raise BadRequest
        return super().changelist_view(request, extra_context)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A forged key of an autocomplete field is read as none chosen: its widget cannot show it."""
        forged = [name for name in self.autocomplete_fields if not is_key(request.POST.get(name) or "0")]
        if forged:
            request.POST = request.POST.copy()  # type: ignore[misc]
            for name in forged:
                request.POST[name] = ""
        return super().changeform_view(request, *args, **kwargs)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> NoReturn:
        """What is not there for the account is a missing page, as everywhere else."""
        raise Http404


def is_key(text: str) -> bool:
    """Whether the text can be the key of a row."""
    return text.isascii() and text.isdigit() and len(text) <= 18


class ReadOnlyAdmin(RoleAdmin):
    """Rows that the domain writes: the admin only shows them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class HistoryAdmin(RoleAdmin, SimpleHistoryAdmin):  # type: ignore[misc]
    """Rows of which every change is kept, and shown in the reader's words; a former state is looked at only."""

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        self._require_visible(request, object_id)
        return super().history_view(request, object_id, *args, **kwargs)

    def history_form_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        # The package's own view saves what is posted to whoever may look.
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        self._require_visible(request, object_id)
        return super().history_form_view(request, object_id, *args, **kwargs)

    def _require_visible(self, request: HttpRequest, object_id: str) -> None:
        if self.get_object(request, unquote(object_id)) is None:
            raise Http404

    def get_historical_record_context_helper(self, request: HttpRequest, historical_record: Any) -> ChangeTexts:
        return ChangeTexts(self.model, historical_record)


class ReferenceAdmin(HistoryAdmin):
    """Reference data: edited by the plan manager, seen by everybody with a figure role."""

    editors = frozenset({Role.PLAN_MANAGER})


@admin.register(Organisation)
class OrganisationAdmin(ReferenceAdmin):
    viewers = EVERYBODY
    list_display = ("name", "code", "kind", "parent", "short_name")
    list_filter = ("kind",)
    list_select_related = ("parent",)
    search_fields = ("code", "name", "short_name", "aliases")
    autocomplete_fields = ("parent",)
    readonly_fields = ("path",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Where a unit stands decides what its totals are made of: once there, it moves by load_organisations only."""
        return ("code", "parent", "path") if obj else ("path",)

    def save_model(self, request: HttpRequest, obj: Organisation, form: forms.ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        save_organisation(obj)


class AccountCreationForm(BaseUserCreationForm):
    class Meta:
        model = Account
        fields = ("username", "name", "organisation")


class PasswordForm(AdminPasswordChangeForm):
    usable_password_help_text = _("When disabled, nobody can log in with this account until a password is set again.")


@admin.register(Account)
class AccountAdmin(HistoryAdmin, UserAdmin):  # type: ignore[misc, type-arg]
    viewers = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.AUDITOR})
    editors = frozenset({Role.SYSTEM_ADMINISTRATOR})
    add_form = AccountCreationForm
    form = forms.ModelForm
    change_password_form = PasswordForm
    list_display = ("username", "name", "organisation", "role_names", "is_active", "last_login")
    list_filter = ("is_active", *(role.value for role in Role))
    list_select_related = ("organisation",)
    search_fields = ("username", "name", "organisation__name", "organisation__code")
    ordering = ("username",)
    autocomplete_fields = ("organisation",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "name", "organisation", "is_active", "last_login")}),
        (_("Roles"), {"fields": tuple(role.value for role in Role)}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "name", "organisation", "password1", "password2")}),
        (_("Roles"), {"fields": tuple(role.value for role in Role)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Nobody takes away the own right to administer: the last administrator would be gone."""
        own = (Role.SYSTEM_ADMINISTRATOR.value, "is_active") if obj == request.user else ()
        return ("last_login", *own)

    @admin.display(description=_("Roles"))
    def role_names(self, account: Account) -> str:
        return "、".join(str(role.label) for role in account.roles) or "–"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An account is closed by taking away “may log in”: the record goes on naming it."""
        return False
