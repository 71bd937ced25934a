"""How far an account's view of the totals reaches ("Who may do what")."""

from dataclasses import dataclass

from organisations.models import Account, Organisation
from targets.choices import Scope
from targets.models import Plan, Programme


@dataclass(frozen=True, slots=True)
class Reach:
    """The highest unit whose totals may be seen, the programmes (None: all), and the scopes to choose from."""

    top: Organisation
    programmes: tuple[Programme, ...] | None
    scopes: tuple[Scope, ...]


def reach_of(account: Account, plan: Plan) -> Reach | None:
    """What the account sees of the plan's totals; None for who sees no figures at all.

    Drafts count only for the unit itself and for who reviews or answers for the whole.
    """
    if account.plan_manager or account.auditor:
        return Reach(plan.issuer, None, tuple(Scope))
    if account.leader:
        return Reach(plan.issuer, None, (Scope.APPROVED, Scope.SUBMITTED))
    if account.reviewer:
        return Reach(plan.issuer, tuple(Programme.objects.reviewed_by(account)), tuple(Scope))
    if account.reporter or account.endorser:
        return Reach(account.organisation, None, tuple(Scope))
    return None
