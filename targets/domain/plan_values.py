"""What a plan's file may name, its single values, and the faults that the models find in them."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from targets.choices import Pace

PLAN_FIELDS = ("title", "year", "issuer", "issued_on", "tolerance", "red_gap")
INDICATOR_FIELDS = {
    "name": "name",
    "aliases": "aliases",
    "unit": "unit",
    "form": "form",
    "time": "time_rule",
    "per": "per",
    "bounded": "bounded",
    "decimals": "decimals",
    "numerator": "numerator_label",
    "denominator": "denominator_label",
    "definition": "definition",
}
COMMITMENT_KEYS = {
    "code", "kind", "statement", "indicator", "target", "baseline", "comparator", "pace", "due_on", "stretch",
    "evidence_required", "reported_by", "reporters",
}  # fmt: skip


def read_pace(value: Any) -> dict[str, Any]:
    """A pace by name, or as the four cumulative percentages of a custom one."""
    shares: dict[str, Any] = {"pace_q1": None, "pace_q2": None, "pace_q3": None}
    if not isinstance(value, list):
        return {"pace": value, **shares}
    if len(value) != 4 or value[3] != 100:
        raise ValidationError(_("A custom pace has four shares, and the fourth is 100."))
    return {"pace": Pace.CUSTOM, **{f"pace_q{quarter}": value[quarter - 1] for quarter in (1, 2, 3)}}


def read_target(value: Any) -> tuple[Decimal, Decimal | None]:
    """A target as the file writes it: 46, 0.5, or "100/3"."""
    numerator, slash, denominator = str(value).partition("/")
    try:
        return Decimal(numerator.strip()), Decimal(denominator.strip()) if slash else None
    except InvalidOperation:
        raise ValidationError(
            _("“%(found)s” is no target; write a number like 46, or a fraction like 100/3.") % {"found": value}
        ) from None


def messages_of(error: ValidationError) -> list[str]:
    """The faults, each after the name of its field."""
    if not hasattr(error, "error_dict"):
        return error.messages
    return [
        message if name == "__all__" else f"{name}: {message}"
        for name, messages in error.message_dict.items()
        for message in messages
    ]
