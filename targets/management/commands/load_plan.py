from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from targets import clock
from targets.domain.plans import load_plan
from targets.problems import Refused


class Command(BaseCommand):
    help = "Creates or updates a plan from its YAML file; run again, it changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            report = load_plan(file.read_text("utf-8-sig"), at=clock.now())
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(_("%(file)s cannot be read: %(error)s") % {"file": file, "error": error}) from error
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _(
                "Plan: %(created)d rows created, %(updated)d updated, %(unchanged)d unchanged, %(removed)d removed; "
                "%(targets)d targets set."
            )
            % asdict(report)
        )
