"""What day it is. Only views and commands ask; everything below them takes the time as an argument."""

from datetime import date, datetime

from django.conf import settings
from django.utils import timezone


def today() -> date:
    """The day of the setting TODAY where it is fixed (demo, tests), else the local day."""
    return settings.TODAY or timezone.localdate()


def now() -> datetime:
    """The moment, on the day of `today()`."""
    moment = timezone.localtime()
    return datetime.combine(today(), moment.timetz())
