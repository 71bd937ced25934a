"""All that a submission's page shows: its way through review, its rows, what is asked about them, who may do what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from organisations.choices import OrganisationKind
from organisations.models import Account
from targets import dues, formats
from targets.choices import Action, Stage, SubmissionState
from targets.domain.envelopes import writing_problems
from targets.domain.review import possible_steps
from targets.entry.conflicts import Clash
from targets.entry.rows import CautionRow, Row, Tables, caution_row, labels_of, row_of, tables_of
from targets.entry.typed import input_name, row_of_place
from targets.lines import Line, lines_of_one
from targets.models import Remark, Revision, Submission, Transition
from targets.problems import Problem
from targets.soft_checks import Caution, cautions_of, unexplained
from targets.timeline import Cell, Event, Held, differences_since_submitted, events_of, time_held

SENDING_BACK = (Action.RETURN, Action.REOPEN)


@dataclass(frozen=True, slots=True)
class Step:
    """One state of the way through review: its place, its name, and whether it is reached."""

    number: int
    label: str | Promise
    is_done: bool
    is_current: bool


class SubmissionPage:
    """The page for one account. `data` and `problems` are of a form that was not accepted: its text stays."""

    def __init__(
        self,
        submission: Submission,
        account: Account,
        at: datetime,
        *,
        data: QueryDict | None = None,
        problems: Sequence[Problem] = (),
        clashes: Sequence[Clash] = (),
    ):
        self.submission, self.account, self.at = submission, account, at
        self.data, self.problems, self.clashes = data, tuple(problems), tuple(clashes)

    @property
    def today(self) -> date:
        return timezone.localdate(self.at)

    @cached_property
    def lines(self) -> list[Line]:
        return lines_of_one(self.submission, visible_to=self.account)

    @property
    def due(self) -> str:
        return dues.due_text(self.submission, self.submission.due_day, self.today)

    @property
    def is_late(self) -> bool:
        return self.submission.days_late(self.submission.due_day, self.today) > 0

    # ---- its way through review

    @cached_property
    def steps(self) -> list[Step]:
        """A department has no checker of its own: its submission goes to the city at once."""
        state = SubmissionState(self.submission.state)
        skipped = SubmissionState.ENDORSED if self.submission.organisation.kind == OrganisationKind.DEPARTMENT else None
        states = [each for each in SubmissionState if each != skipped or each == state]
        at = states.index(state)
        return [
            Step(number, state.label, number <= at, number == at + 1) for number, state in enumerate(states, start=1)
        ]

    @cached_property
    def transitions(self) -> list[Transition]:
        return list(self.submission.transitions.select_related("actor").order_by("at", "pk"))

    @cached_property
    def sent_back(self) -> Transition | None:
        """The last return or reopening, if the submission has not been approved since."""
        last = next((each for each in reversed(self.transitions) if each.action in SENDING_BACK), None)
        approved = self.submission.state == SubmissionState.APPROVED
        return None if approved else last

    @property
    def is_returned(self) -> bool:
        return self.sent_back is not None and self.submission.state == SubmissionState.DRAFT

    @cached_property
    def remarks(self) -> Mapping[str, Remark]:
        """What was remarked when it was last sent back, by the commitment's code."""
        if self.sent_back is None:
            return {}
        rows = Remark.objects.filter(transition=self.sent_back).select_related("commitment", "transition__actor")
        return {each.commitment.code: each for each in rows}

    @cached_property
    def last_change(self) -> Revision | None:
        return self.submission.revisions.select_related("actor").order_by("-at", "-pk").first()

    @property
    def saved(self) -> str:
        """When the draft was last saved and by whom, and which version that made."""
        return saved_text(self.submission, self.last_change)

    @cached_property
    def differences(self) -> list[Cell] | None:
        """What is otherwise than it was handed in before; None when there is nothing to compare with."""
        has_before = self.submission.round > 1 or self.is_returned
        return differences_since_submitted(self.submission) if has_before else None

    @cached_property
    def events(self) -> list[Event]:
        return events_of(self.submission)

    @cached_property
    def held(self) -> list[Held]:
        return time_held(self.submission, self.at)

    # ---- who may do what

    @cached_property
    def closed(self) -> list[str]:
        """Why nobody can write into it now; empty while one can."""
        return [problem.message for problem in writing_problems(self.submission, self.at)]

    @property
    def why_closed(self) -> list[str]:
        """The same for who would fill it in; others are not concerned."""
        is_draft = self.submission.state == SubmissionState.DRAFT
        return self.closed if is_draft and self.account.reporter else []

    @property
    def may_edit(self) -> bool:
        return (
            self.account.reporter
            and self.account.organisation.contains(self.submission.organisation)
            and not self.closed
        )

    @cached_property
    def actions(self) -> list[Action]:
        return possible_steps(self.submission, self.account)

    @property
    def may_submit(self) -> bool:
        return Action.SUBMIT in self.actions and self.may_edit

    @property
    def may_endorse(self) -> bool:
        return Action.ENDORSE in self.actions

    @property
    def may_approve(self) -> bool:
        return Action.APPROVE in self.actions

    @property
    def sending_back(self) -> Action | None:
        """Whether it can be returned or reopened: never both."""
        return next((action for action in SENDING_BACK if action in self.actions), None)

    @property
    def is_own_check(self) -> bool:
        """Whether somebody else has to check what this account has submitted itself."""
        own = self.submission.submitted_by_id == self.account.pk
        return own and self.submission.state in (SubmissionState.SUBMITTED, SubmissionState.ENDORSED)

    @property
    def stages(self) -> list[tuple[str, str | Promise]]:
        return list(Stage.choices)

    @property
    def hint(self) -> str:
        """The zones lie inside districts and report for themselves ("Over organisations")."""
        kind = self.submission.organisation.kind
        if kind == OrganisationKind.DISTRICT:
            return _("Without the functional zones, which report their own figures.")
        if kind == OrganisationKind.ZONE:
            return _("Only the zone itself: the district around it reports its own figures.")
        return ""

    @property
    def reason_typed(self) -> str:
        return self.data.get("reason", "") if self.data is not None else ""

    # ---- what stands in it

    @cached_property
    def cautions(self) -> list[Caution]:
        return cautions_of(self.lines, self.today)

    @cached_property
    def doubts(self) -> list[Caution]:
        return unexplained(self.cautions)

    @cached_property
    def caution_rows(self) -> list[CautionRow]:
        return [caution_row(each, self.data) for each in self.cautions]

    @cached_property
    def tables(self) -> Tables:
        return tables_of(self._row(line) for line in self.lines)

    def _row(self, line: Line) -> Row:
        code = line.commitment.code
        problems = tuple(each for each in self.problems if row_of_place(each.place) == code)
        told = {each.code for each in problems}
        return replace(
            row_of(line, self.data),
            labels=labels_of(line),
            problems=problems,
            doubts=tuple(each for each in self.doubts if each.commitment.code == code and each.code not in told),
            remark=self.remarks.get(code),
            remark_typed=self.data.get(input_name(line, "remark"), "") if self.data is not None else "",
        )

    @property
    def faulty_rows(self) -> list[Row]:
        return [row for row in (*self.tables.numbers, *self.tables.narratives) if row.problems]

    @cached_property
    def general_problems(self) -> list[Problem]:
        """Those of no row."""
        codes = {line.commitment.code for line in self.lines}
        return [each for each in self.problems if row_of_place(each.place) not in codes]


def saved_text(submission: Submission, change: Revision | None) -> str:
    if change is None:
        return _("nothing has been saved yet")
    return _("%(name)s saved %(when)s · version %(version)d") % {
        "name": change.actor.name if change.actor else change.actor_name,
        "when": formats.day_and_time(change.at),
        "version": submission.version,
    }
