"""The admin's first page: what the account has to do, and for who answers for the whole, how far the units are."""

from dataclasses import dataclass
from datetime import date

from django.http import Http404
from django.utils.translation import gettext as _

from organisations.models import Account
from targets.divisions import Division, divisions_of
from targets.models import Period
from targets.models.periods import current_period
from targets.standings import Standing, standing_of
from targets.worklists import ReportingList, Waiting, approving_list, endorsing_list, reporting_list


@dataclass(frozen=True, slots=True)
class Home:
    """The lists that apply to the account's roles; None for those that do not.

    `period` is the one that the reporting state is about, of `periods`, the latest first.
    """

    period: Period | None
    periods: tuple[Period, ...]
    reporting: ReportingList | None
    endorsing: tuple[Waiting, ...] | None
    approving: tuple[Waiting, ...] | None
    standing: Standing | None
    divisions: tuple[Division, ...] | None

    @property
    def has_lists(self) -> bool:
        lists = (self.reporting, self.endorsing, self.approving, self.standing)
        return any(each is not None for each in lists)


def build_home(account: Account, code: str | None, today: date) -> Home:
    """The page for the account, in a constant number of queries; `code` asks for another period's reporting state.

    Raises Http404 for a period that does not exist.
    """
    periods = tuple(Period.objects.all())
    current = current_period(periods, today)
    period = current
    if code:
        period = next((each for each in periods if each.code == code), None)
        if period is None:
            raise Http404(_("This period does not exist: %(period)s.") % {"period": code})
    oversees = account.plan_manager or account.reviewer
    return Home(
        period=period,
        periods=tuple(reversed(periods)),
        reporting=reporting_list(account, current, today) if account.reporter else None,
        endorsing=endorsing_list(account, today) if account.endorser else None,
        approving=approving_list(account, today) if account.reviewer else None,
        standing=standing_of(account, period, today) if period and oversees else None,
        divisions=divisions_of(period.year) if period and account.plan_manager else None,
    )
