from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from targets import clock
from targets.domain.periods import open_begun_periods, open_periods
from targets.problems import Refused


class Command(BaseCommand):
    help = (
        "Opens periods and makes their submissions. Without a code, every period whose opening day has come, except "
        "those that were closed after having been open; run it daily. Run again, it changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("periods", nargs="*", metavar="2020Q4")
        parser.add_argument("--due", metavar="2021-01-12", help="the due day of the one period that is named")

    def handle(self, *args: Any, periods: list[str], due: str | None, **options: Any) -> None:
        if due is not None and len(periods) != 1:
            raise CommandError(_("--due sets the due day of one period: name exactly one."))
        due_on, today = _day(due), clock.today()
        try:
            if periods:
                changes = open_periods(periods, today=today, actor=None, due_on=due_on)
            else:
                changes = [each for each in open_begun_periods(today, actor=None) if each.is_change]
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        for change in changes:
            self.stdout.write(str(change))
        if not changes:
            self.stdout.write(_("No period is waiting to be opened."))


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(_("“%(text)s” is no day; write it like 2021-01-12.") % {"text": text}) from error
