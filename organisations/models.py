from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organisations.choices import OrganisationKind, Role
from organisations.history import ByWay, Records
from organisations.querysets import AccountQuerySet, OrganisationQuerySet


class Organisation(models.Model):
    """One unit of the tree: the city bureau, a department, a district bureau, a zone, a township."""

    code = models.CharField(
        _("code"),
        max_length=20,
        unique=True,
        validators=[RegexValidator(r"^[A-Za-z0-9-]+\Z", _("A code is made of letters, digits and hyphens."))],
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    # The codes from the top down to this unit, each followed by a slash: the descendants are a prefix.
    # Written by organisations.domain.save_organisation alone.
    path = models.CharField(_("path"), max_length=200, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=OrganisationKind)
    name = models.CharField(_("name"), max_length=60)
    short_name = models.CharField(_("short name"), max_length=30)
    aliases = models.TextField(
        _("other names"), blank=True, help_text=_("One a line. Spreadsheets may call the unit by any of them.")
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    communities = models.PositiveIntegerField(_("communities"), null=True, blank=True)
    villages = models.PositiveIntegerField(_("villages"), null=True, blank=True)
    tile_column = models.PositiveSmallIntegerField(_("column of the tile map"), null=True, blank=True)
    tile_row = models.PositiveSmallIntegerField(_("row of the tile map"), null=True, blank=True)

    objects = OrganisationQuerySet.as_manager()
    history = Records(excluded_fields=["path"], bases=[ByWay])

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                name="organisation_kind_known",
                condition=Q(kind__in=OrganisationKind.values),
                violation_error_message=_("This kind of organisation is not known."),
            ),
            models.CheckConstraint(
                name="organisation_top_is_city",
                condition=Q(kind=OrganisationKind.CITY) | Q(parent__isnull=False),
                violation_error_message=_("Only a city bureau stands at the top of the tree; choose a parent."),
            ),
            models.CheckConstraint(
                name="organisation_tile_whole",
                condition=Q(tile_column__isnull=True, tile_row__isnull=True)
                | Q(tile_column__gte=1, tile_row__gte=1, tile_column__isnull=False, tile_row__isnull=False),
                violation_error_message=_("A place on the tile map takes a column and a row, both from 1."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that the unit goes by, the full name first."""
        return (self.name, self.short_name, *self.aliases.split("\n")) if self.aliases else (self.name, self.short_name)

    def contains(self, other: "Organisation") -> bool:
        """Whether the other unit is this one or stands below it."""
        return other.path.startswith(self.path)


class AccountManager(BaseUserManager.from_queryset(AccountQuerySet)):  # type: ignore[misc]
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "Account":
        account = self.model(username=self.model.normalize_username(username), **fields)
        account.set_password(password)
        account.full_clean()
        account.save(using=self._db)
        return account


def _alone(role: Role) -> Q:
    """The account has the role and no other, or does not have it."""
    others = reduce(or_, (Q(**{other.value: True}) for other in Role if other != role))
    return Q(**{role.value: False}) | ~others


class Account(AbstractBaseUser):
    """One person's account: one organisation, and the roles that the person plays there.

    The roles are columns of one row, so that the database itself can refuse two that exclude each other.
    """

    username = models.CharField(
        _("user name"),
        max_length=60,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": _("This user name is taken.")},
    )
    name = models.CharField(_("person's name"), max_length=60)
    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("organisation"))
    reporter = models.BooleanField(Role.REPORTER.label, default=False)
    endorser = models.BooleanField(Role.ENDORSER.label, default=False)
    reviewer = models.BooleanField(Role.REVIEWER.label, default=False)
    leader = models.BooleanField(Role.LEADER.label, default=False)
    plan_manager = models.BooleanField(Role.PLAN_MANAGER.label, default=False)
    system_administrator = models.BooleanField(Role.SYSTEM_ADMINISTRATOR.label, default=False)
    auditor = models.BooleanField(Role.AUDITOR.label, default=False)
    is_active = models.BooleanField(_("may log in"), default=True)
    demo = models.BooleanField(_("demo account"), default=False, editable=False)
    # Somebody else knows the password: who created the account, or who set the password anew.
    must_change_password = models.BooleanField(_("must change the password"), default=False)
    password_changed_at = models.DateTimeField(_("password set"), null=True, blank=True)

    objects = AccountManager()
    history = Records(excluded_fields=["password", "last_login"], bases=[ByWay])

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name", "organisation"]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["username"]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="account_username_once",
                violation_error_message=_("Another account's user name differs from this one in capital letters only."),
            ),
            models.CheckConstraint(
                name="account_system_administrator_alone",
                condition=_alone(Role.SYSTEM_ADMINISTRATOR),
                violation_error_message=_("A system administrator cannot hold any other role."),
            ),
            models.CheckConstraint(
                name="account_auditor_alone",
                condition=_alone(Role.AUDITOR),
                violation_error_message=_("An auditor cannot hold any other role."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.username})"

    def save(self, *args: Any, **options: Any) -> None:
        """A login changes nothing that the history keeps: it leaves no row there."""
        if set(options.get("update_fields") or ["all"]) <= {"last_login", "password"}:
            self.skip_history_when_saving = True
        try:
            super().save(*args, **options)
        finally:
            self.__dict__.pop("skip_history_when_saving", None)

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()

    def get_short_name(self) -> str:
        return self.name

    @property
    def roles(self) -> list[Role]:
        return [role for role in Role if getattr(self, role)]

    def has_role(self, roles: Iterable[Role]) -> bool:
        """Whether the account holds at least one of the roles."""
        return any(getattr(self, role) for role in roles)

    @property
    def sees_all_units(self) -> bool:
        """Whether figures of every unit may be seen, as far as the role reaches ("Who may do what")."""
        return self.reviewer or self.leader or self.plan_manager or self.auditor

    def password_is_too_old(self, at: datetime) -> bool:
        """Whether the password has been in use for PASSWORD_MAX_DAYS; never where that setting is 0."""
        if not settings.PASSWORD_MAX_DAYS or self.password_changed_at is None:
            return False
        return at - self.password_changed_at >= timedelta(days=settings.PASSWORD_MAX_DAYS)

    def must_choose_password(self, at: datetime) -> bool:
        """Whether a new password must be chosen before anything else."""
        return self.must_change_password or self.password_is_too_old(at)

    @property
    def is_staff(self) -> bool:
        """Whether the admin site lets the account in: everybody who has anything to do there or to look at."""
        return bool(self.roles)

    # The admin asks these; what a role may do is said by each ModelAdmin (organisations.admin.RoleAdmin).
    def has_perm(self, perm: str, obj: object = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class PasswordRecord(models.Model):
    """One password that an account has or had, as its hash, so that it is not taken again soon."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="password_records", verbose_name=_("account"))
    password = models.CharField(_("password"), max_length=128)
    set_at = models.DateTimeField(_("password set"))

    class Meta:
        verbose_name = _("former password")
        verbose_name_plural = _("former passwords")
        ordering = ["-set_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.account} · {timezone.localtime(self.set_at):%Y-%m-%d %H:%M}"
