from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganisationKind(models.TextChoices):
    CITY = "city", _("City bureau")
    DEPARTMENT = "department", _("Department")
    AFFILIATE = "affiliate", _("Affiliated unit")
    DISTRICT = "district", _("District bureau")
    ZONE = "zone", _("Functional zone")
    TOWNSHIP = "township", _("Township or subdistrict")


class Role(models.TextChoices):
    """What an account may do; the value is the name of the account's column ("Who may do what")."""

    REPORTER = "reporter", _("Reporter")
    ENDORSER = "endorser", _("Endorser")
    REVIEWER = "reviewer", _("City reviewer")
    LEADER = "leader", _("Leader")
    PLAN_MANAGER = "plan_manager", _("Plan manager")
    SYSTEM_ADMINISTRATOR = "system_administrator", _("System administrator")
    AUDITOR = "auditor", _("Auditor")


class Way(models.TextChoices):
    """By which way a change of reference data came."""

    ADMIN = "admin", _("Admin")
    PAGE = "page", _("Page")
    API = "api", _("REST interface")
    COMMAND = "command", _("Command line")
