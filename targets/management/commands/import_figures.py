import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from organisations.models import Account, Organisation
from targets import clock
from targets.domain.uploads import SheetFile, check_file, import_file
from targets.models import Period
from targets.problems import Refused
from targets.reports import refused_body, refused_lines, report_body, report_lines


class Command(BaseCommand):
    help = "Imports a workbook or CSV of figures. Exits with 0 when the file is clean, with 1 when it is refused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--organisation", metavar="CODE", help="the unit, where the file does not say it")
        parser.add_argument("--period", metavar="2020Q3", help="the period, where the file does not say it")
        parser.add_argument("--user", metavar="NAME", help="act as this account, with its rights")
        parser.add_argument("--dry-run", action="store_true", help="only tell what would change")
        parser.add_argument("--json", action="store_true", help="the report as JSON")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            data = file.read_bytes()
        except OSError as error:
            raise CommandError(_("%(file)s cannot be read: %(error)s") % {"file": file, "error": error}) from error
        sheet = SheetFile(data, file.name, _organisation(options["organisation"]), _period(options["period"]))
        actor = _account(options["user"])
        work = check_file if options["dry_run"] else import_file
        try:
            report = work(sheet, actor=actor, at=clock.now())
        except PermissionDenied as error:
            raise CommandError(str(error)) from error
        except Refused as refused:
            self._print(refused_body(refused), refused_lines(refused), options["json"])
            raise SystemExit(1) from refused
        self._print(report_body(report), report_lines(report, dry_run=options["dry_run"]), options["json"])

    def _print(self, body: dict[str, Any], lines: list[str], as_json: bool) -> None:
        self.stdout.write(json.dumps(body, ensure_ascii=False, indent=1) if as_json else "\n".join(lines))


def _organisation(code: str | None) -> Organisation | None:
    if code is None:
        return None
    unit = Organisation.objects.filter(code=code).first()
    if unit is None:
        raise CommandError(_("There is no unit with the code %(code)s.") % {"code": code})
    return unit


def _period(code: str | None) -> Period | None:
    if code is None:
        return None
    period = Period.objects.with_code(code).first()
    if period is None:
        raise CommandError(_("There is no period %(code)s; write it like 2020Q3.") % {"code": code})
    return period


def _account(username: str | None) -> Account | None:
    if username is None:
        return None
    account = Account.objects.select_related("organisation").filter(username=username, is_active=True).first()
    if account is None:
        raise CommandError(_("There is no account %(name)s that may log in.") % {"name": username})
    return account
