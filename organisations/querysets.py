from datetime import datetime
from typing import TYPE_CHECKING, Self

from axes.models import AccessAttempt
from django.db import models
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from organisations.choices import OrganisationKind

if TYPE_CHECKING:
    from organisations.models import Account, Organisation


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def below(self, organisation: "Organisation") -> Self:
        """The organisation itself and all its descendants."""
        return self.filter(path__startswith=organisation.path)

    def reporting(self) -> Self:
        """The district bureaus and functional zones: the units that a plan's `districts` means."""
        return self.filter(kind__in=(OrganisationKind.DISTRICT, OrganisationKind.ZONE))

    def visible_to(self, account: "Account") -> Self:
        """All units for the city's roles, else the account's own and those below it ("Who may do what")."""
        if account.sees_all_units or account.system_administrator:
            return self
        return self.below(account.organisation)


class AccountQuerySet(models.QuerySet["Account"]):
    def visible_to(self, account: "Account") -> Self:
        """Everything for who administers or audits; one's own account for all others."""
        if account.system_administrator or account.auditor:
            return self
        return self.filter(pk=account.pk)

    def with_failures(self, since: datetime) -> Self:
        """Adds `failures`: how many logins with the account's user name have failed since the moment."""
        attempts = AccessAttempt.objects.filter(username=OuterRef("username"), attempt_time__gt=since).order_by()
        total = attempts.values("username").annotate(total=Sum("failures_since_start")).values("total")
        return self.annotate(failures=Coalesce(Subquery(total), 0))
