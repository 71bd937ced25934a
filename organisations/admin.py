from typing import Any, NoReturn

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from organisations.choices import Role
from organisations.domain import save_organisation
from organisations.forms import ROLE_FIELDS, AccountCreationForm, AccountForm, PasswordForm
from organisations.history import ByWay, ChangeTexts
from organisations.locks import counted_since, unlock_account
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
        keys = request.POST.getlist("_selected_action")
        if not all(is_key(value) for value in keys):
            raise BadRequest
        if keys and self.has_view_permission(request):
            self._require_action(request, keys)
        return super().changelist_view(request, extra_context)

    def _require_action(self, request: HttpRequest, keys: list[str]) -> None:
        """As on every other page: 404 where no row is there for the account, 403 for what its roles do not offer."""
        if not self.get_queryset(request).filter(pk__in=keys).exists():
            raise Http404
        if not set(request.POST.getlist("action")) - {""} <= self.get_actions(request).keys():
            raise PermissionDenied(_("Your roles do not include this action."))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A forged key of an autocomplete field is read as none chosen: its widget cannot show it."""
        forged = [name for name in self.autocomplete_fields if not is_key(request.POST.get(name) or "0")]
        if forged:
            request.POST = request.POST.copy()  # type: ignore[misc]
            for name in forged:
                request.POST[name] = ""
        return super().changeform_view(request, *args, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the address fills in; a forged key is read as none there, too."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        return {name: text for name, text in initial.items() if name not in self.autocomplete_fields or is_key(text)}

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

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        self._require_visible(request, object_id)
        tells_way = issubclass(self.model.history.model, ByWay)  # not every kind of row keeps it
        return super().history_view(request, object_id, {"tells_way": tells_way, **(extra_context or {})})

    def history_form_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        # The package's own view saves what is posted to whoever may look.
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        self._require_visible(request, object_id)
        return super().history_form_view(request, object_id, *args, **kwargs)

    def _require_visible(self, request: HttpRequest, object_id: str) -> None:
        if self.get_object(request, unquote(object_id)) is None:
            raise Http404

    def set_history_delta_changes(self, request: HttpRequest, historical_records: Any, **options: Any) -> None:
        """The creation tells its values, too: from nothing to what the row began with."""
        super().set_history_delta_changes(request, historical_records, **options)
        for record in historical_records:
            if record.history_type == "+":
                texts = self.get_historical_record_context_helper(request, record)
                delta = record.diff_against(type(record)(), excluded_fields={"id"}, foreign_keys_are_objs=True)
                record.history_delta_changes = texts.context_for_delta_changes(delta)

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


class LockFilter(admin.SimpleListFilter):
    title = _("locked after failed logins")
    parameter_name = "locked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("locked"))]

    def queryset(self, request: HttpRequest, accounts: models.QuerySet[Account]) -> models.QuerySet[Account]:
        return accounts.filter(failures__gte=settings.AXES_FAILURE_LIMIT) if self.value() == "1" else accounts


@admin.register(Account)
class AccountAdmin(HistoryAdmin, UserAdmin):  # type: ignore[misc, type-arg]
    viewers = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.AUDITOR})
    editors = frozenset({Role.SYSTEM_ADMINISTRATOR})
    add_form = AccountCreationForm
    form = AccountForm
    change_password_form = PasswordForm
    list_display = ("username", "name", "organisation", "role_names", "is_active", "locked", "last_login")
    list_filter = ("is_active", LockFilter, *ROLE_FIELDS)
    list_select_related = ("organisation",)
    search_fields = ("username", "name", "organisation__name", "organisation__code")
    ordering = ("username",)
    actions = ("unlock",)
    autocomplete_fields = ("organisation",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "name", "organisation", "is_active")}),
        (_("Roles"), {"fields": ROLE_FIELDS}),
        (_("Login"), {"fields": ("last_login", "locked", "password_changed_at", "password_state")}),
        (None, {"fields": ("reason",)}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "name", "organisation", "password1", "password2")}),
        (_("Roles"), {"fields": ROLE_FIELDS}),
        (None, {"fields": ("reason",)}),
    )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Account]:
        accounts: models.QuerySet[Account] = super().get_queryset(request)
        return accounts.with_failures(counted_since(timezone.now()))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who only looks is not asked for a reason."""
        sets = super().get_fieldsets(request, obj)
        return sets if self.has_change_permission(request, obj) else sets[:-1]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Nobody changes the own rights, nor takes away the own right to administer: the last one would be gone."""
        own = (*ROLE_FIELDS, "organisation", "is_active") if obj == request.user else ()
        return ("last_login", "locked", "password_changed_at", "password_state", *own)

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        obj._change_reason = form.cleaned_data.get("reason", "")
        super().save_model(request, obj, form, change)

    @admin.display(description=_("Roles"))
    def role_names(self, account: Account) -> str:
        return "、".join(str(role.label) for role in account.roles) or "–"

    @admin.display(description=_("lock"))
    def locked(self, account: Account) -> str:
        return _("locked") if getattr(account, "failures", 0) >= settings.AXES_FAILURE_LIMIT else "–"

    @admin.display(description=_("State of the password"))
    def password_state(self, account: Account) -> str:
        if not account.has_usable_password():
            return _("none: nobody can log in")
        if account.must_change_password:
            return _("set by somebody else, must be changed at the next login")
        if account.password_is_too_old(timezone.now()):
            return _("too old, must be changed at the next login")
        return _("in use")

    @admin.action(description=_("Unlock the selected accounts"), permissions=["change"])
    def unlock(self, request: HttpRequest, accounts: models.QuerySet[Account]) -> None:
        for account in accounts:
            if unlock_account(account, actor=request.user):
                text = _("%(account)s is unlocked and can log in at once.")
                self.message_user(request, text % {"account": account}, messages.SUCCESS)
            else:
                text = _("%(account)s was not locked.")
                self.message_user(request, text % {"account": account}, messages.INFO)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An account is closed by taking away “may log in”: the record goes on naming it."""
        return False
