from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from organisations.domain import RowErrors, load_organisations


class Command(BaseCommand):
    help = "Creates and updates the organisations of a CSV file; run again, it changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            counts = load_organisations(file.read_text("utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(_("%(file)s cannot be read: %(error)s") % {"file": file, "error": error}) from error
        except RowErrors as error:
            raise CommandError("\n".join(error.messages)) from error
        self.stdout.write(
            _("Organisations: %(created)d created, %(updated)d updated, %(unchanged)d unchanged.") % counts
        )
