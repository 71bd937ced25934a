import getpass
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.models import HistoricalRecords
from simple_history.template_utils import HistoricalRecordContextHelper

from organisations.choices import Way


class Records(HistoricalRecords):
    """The history of reference data: who changed which row when; without a reason it is empty, not “None”."""

    def get_change_reason_for_object(self, instance: models.Model, history_type: str, using: str) -> str:
        return super().get_change_reason_for_object(instance, history_type, using) or ""


def sign(row: models.Model, actor: models.Model | None) -> None:
    """Has the history of the row's next change name the actor, who is not known to it where there is no request.

    None is the operator at the command line, who has no account.
    """
    row._history_user = actor  # type: ignore[attr-defined]


def way_now() -> str:
    """By which way the change comes that is being made: the admin site, another page, the REST layer, a command."""
    request = getattr(HistoricalRecords.context, "request", None)
    if request is None:
        return Way.COMMAND.value
    if request.path.startswith("/api/"):
        return Way.API.value
    return (Way.ADMIN if request.path.startswith(reverse("admin:index")) else Way.PAGE).value


def actor_name_now() -> str:
    """How the history names who acts: the person, or the operating-system user behind a command."""
    request = getattr(HistoricalRecords.context, "request", None)
    if request is not None and request.user.is_authenticated:
        return str(request.user)
    return operator_name()


def operator_name() -> str:
    """How every record names who works at the command line: the operating-system user."""
    try:
        operator = getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        operator = "?"
    return (_("command line (%(user)s)") % {"user": operator})[:130]


class ByWay(models.Model):
    """What a history row tells besides the change itself: who made it, by the name at the time, and by which way."""

    actor_name = models.CharField(gettext_lazy("name at the time"), max_length=130, default=actor_name_now)
    way = models.CharField(gettext_lazy("by which way"), max_length=7, choices=Way, default=way_now)

    class Meta:
        abstract = True


class ChangeTexts(HistoricalRecordContextHelper):
    """A history page's old and new values as a reader knows them: labels of choices, yes and no, local times."""

    def prepare_delta_change_value(self, change: Any, value: Any) -> Any:
        field = self.model._meta.get_field(change.field)
        if isinstance(field, models.BooleanField):
            return _("yes") if value else _("no")
        if getattr(field, "choices", None):
            return dict(field.flatchoices).get(value, value)
        if value in (None, "") or getattr(value, "pk", "") is None:
            return "–"
        if isinstance(field, models.DateTimeField):
            return date_format(timezone.localtime(value), "DATETIME_FORMAT")
        return super().prepare_delta_change_value(change, value)
