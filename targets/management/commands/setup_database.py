from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from targets.models import Plan

FIXTURES = Path(settings.BASE_DIR) / "fixtures"


class Command(BaseCommand):
    help = "Brings the database up to date; an empty one gets the organisations, the 2020 plan and the demo data."

    def handle(self, *args: Any, **options: Any) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write(_("Database: creating or changing tables …"))
            call_command("migrate", verbosity=0)
        if Plan.objects.exists():
            self.stdout.write(_("Database: ready."))
            return
        call_command("load_organisations", FIXTURES / "organisations-2020.csv", stdout=self.stdout)
        call_command("load_plan", FIXTURES / "plan-2020.yaml", stdout=self.stdout)
        call_command("load_demo", stdout=self.stdout)
