from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from targets import demo
from targets.models import Figure, Plan


class Command(BaseCommand):
    help = "Demo accounts, and with DEMO=full invented figures, for the latest plan; run again, it adds nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DEMO == "none":
            self.stdout.write(_("DEMO is “none”: no demo data."))
            return
        if not settings.DEBUG:
            raise CommandError(_("Demo accounts share a published password; they are refused while DEBUG is off."))
        plan = Plan.objects.select_related("issuer").first()
        if plan is None:
            raise CommandError(_("Load a plan first (manage.py load_plan)."))
        count = demo.create_accounts(plan, settings.DEMO_PASSWORD)
        self.stdout.write(_("Demo: %(count)d accounts created.") % {"count": count})
        if settings.DEMO != "full" or plan.invented:
            return
        if Figure.objects.exists():
            raise CommandError(_("There are figures already; invented ones are not mixed with them."))
        count = demo.load_figures(plan)
        self.stdout.write(_("Demo: %(count)d invented figures for three quarters.") % {"count": count})
