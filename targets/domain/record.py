"""What every change leaves behind: a revision, and a new data version of the plans that show it."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F

from organisations.history import operator_name
from organisations.models import Account, Organisation
from targets.choices import Origin, RevisionKind
from targets.models import Commitment, DataVersion, Indicator, Plan, Revision, Submission

Values = dict[str, Any]  # a row's fields as the record keeps them; amounts are decimal texts


def name_of(actor: Account | None) -> str:
    """How the record names who acted: the person, or the operating-system user behind a command."""
    return operator_name() if actor is None else str(actor)


def revision_of(
    kind: RevisionKind,
    subject: Indicator | Commitment,
    envelope: Submission | Organisation,
    old: Values | None,
    new: Values | None,
    *,
    actor: Account | None,
    at: datetime,
    origin: Origin,
    **more: Any,
) -> Revision:
    """The record of one change, not saved yet: of an indicator's figure, or of what belongs to a commitment.

    `envelope` is the submission that it is in; for a target, which is in none, the unit. `more` says where in which
    file it stood, and why it was made.
    """
    submission = envelope if isinstance(envelope, Submission) else None
    return Revision(
        kind=kind,
        submission=submission,
        organisation=envelope.organisation if isinstance(envelope, Submission) else envelope,
        indicator=subject if isinstance(subject, Indicator) else None,
        commitment=subject if isinstance(subject, Commitment) else None,
        old=old,
        new=new,
        actor=actor,
        actor_name=name_of(actor),
        at=at,
        origin=origin,
        **more,
    )


def decimal_text(number: Decimal | None) -> str | None:
    """The shortest exact writing, as the record and the REST layer show amounts: 12.5000 → "12.5"; None stays None."""
    if number is None:
        return None
    text = f"{number + 0:f}"  # the sum turns −0 into 0
    return text.rstrip("0").rstrip(".") if "." in text else text


def bump_data_versions(years: Iterable[int], at: datetime) -> None:
    """Marks the plans of the years as changed; call it inside the transaction of the change, as its last statement."""
    plans = list(Plan.objects.filter(year__in=set(years)).order_by("pk"))
    DataVersion.objects.bulk_create([DataVersion(plan=plan) for plan in plans], ignore_conflicts=True)
    DataVersion.objects.filter(plan__in=plans).update(number=F("number") + 1, changed_at=at)
