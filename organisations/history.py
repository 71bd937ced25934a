from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from simple_history.models import HistoricalRecords
from simple_history.template_utils import HistoricalRecordContextHelper


class Records(HistoricalRecords):
    """The history of reference data: who changed which row when; without a reason it is empty, not “None”."""

    def get_change_reason_for_object(self, instance: models.Model, history_type: str, using: str) -> str:
        return super().get_change_reason_for_object(instance, history_type, using) or ""


class ChangeTexts(HistoricalRecordContextHelper):
    """A history page's old and new values as a reader knows them: labels of choices, yes and no."""

    def prepare_delta_change_value(self, change: Any, value: Any) -> Any:
        field = self.model._meta.get_field(change.field)
        if isinstance(field, models.BooleanField):
            return _("yes") if value else _("no")
        if getattr(field, "choices", None):
            return dict(field.flatchoices).get(value, value)
        return "–" if value in (None, "") else super().prepare_delta_change_value(change, value)
