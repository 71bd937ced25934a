from decimal import Decimal
from typing import Any

from django.db import models

AMOUNT_PLACES = 4
AMOUNT_DIGITS = 15
LARGEST_AMOUNT = Decimal(10) ** (AMOUNT_DIGITS - AMOUNT_PLACES)


class AmountField(models.DecimalField):
    """An exact amount. SQLite keeps numbers as doubles, which hold 15 digits without loss: no more are allowed."""

    def __init__(self, *args: Any, **kwargs: Any):
        kwargs.update(max_digits=AMOUNT_DIGITS, decimal_places=AMOUNT_PLACES)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs
