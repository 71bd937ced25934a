"""When the content of a submission may be changed: while it is a draft, and its period open for its unit."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from organisations.models import Organisation
from targets.choices import SubmissionState
from targets.models import Period, Submission
from targets.models.periods import is_open


def draft_faults(
    unit: Organisation, period: Period, submission: Submission | None, extended_to: date | None, today: date
) -> Iterator[tuple[str, str]]:
    """Code and sentence of each reason why nothing may be changed; `submission` None was never opened."""
    names = {"unit": unit.name, "period": str(period)}
    if not is_open(period, extended_to, today):
        yield (
            "period_closed",
            _("%(period)s is closed. Ask the city's department to extend the due day for %(unit)s.") % names,
        )
    if submission and submission.state != SubmissionState.DRAFT:
        yield (
            "not_draft",
            _(
                "The submission of %(unit)s for %(programme)s, %(period)s is “%(state)s”: "
                "only a draft can be changed. "
                "Ask for it to be returned first."
            )
            % {**names, "programme": submission.programme.name, "state": submission.get_state_display()},
        )
