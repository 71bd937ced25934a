"""Two people at one draft: what one has typed beside what the other has saved meanwhile, so that neither is lost."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from targets import formats
from targets.choices import RevisionKind, Stage
from targets.domain.entries import NOTE_FIELDS
from targets.entry.rows import row_of, said_text
from targets.entry.typed import FIGURE_FIELDS, Typed, input_name
from targets.lines import Key, Line, Said, Words
from targets.models import Submission

SAID = (RevisionKind.FIGURE, RevisionKind.NOTE)


@dataclass(frozen=True, slots=True)
class Clash:
    """One figure or one row's words that stand differently in the form and in the saved draft.

    `theirs_fields` are the texts that take the saved state into the form, by the names of the inputs.
    """

    code: str
    title: str
    mine: str
    theirs: str
    who: str
    theirs_fields: Mapping[str, str]

    @property
    def fields_json(self) -> str:
        return json.dumps(self.theirs_fields, ensure_ascii=False)


def clashes_of(submission: Submission, lines: Sequence[Line], typed: Typed, data: QueryDict) -> list[Clash]:
    """Where the form differs from the draft as it is saved now; one query."""
    changes = _latest_changes(submission)
    figures, words = typed.figures(), typed.words()
    clashes: list[Clash] = []
    for line in lines:
        if line.commitment.code in typed.codes:
            clashes += _of_line(line, figures, words, data, changes)
    return clashes


def saved_fields(lines: Iterable[Line]) -> dict[str, str]:
    """The texts of every input as the draft is saved, by the inputs' names."""
    return {input_name(line, name): text for line in lines for name, text in row_of(line).fields.items()}


def _of_line(
    line: Line,
    figures: Mapping[Key, Said | None],
    words: Mapping[Key, Words],
    data: QueryDict,
    changes: Mapping[tuple[str, int | None], str],
) -> Iterator[Clash]:
    unit, period, commitment = line.submission.organisation.code, line.submission.period.code, line.commitment
    texts = row_of(line).fields
    if commitment.indicator and input_name(line, "numerator") in data:
        key = unit, commitment.indicator.code, period
        mine = figures[key] if key in figures else _unread(line, data)
        if isinstance(mine, str) or mine != line.said:
            yield Clash(
                commitment.code,
                commitment.title,
                mine if isinstance(mine, str) else said_text(commitment.indicator, mine),
                said_text(commitment.indicator, line.said),
                changes.get(("indicator", commitment.indicator_id), ""),
                {input_name(line, name): texts[name] for name in FIGURE_FIELDS},
            )
    said = words.get((unit, commitment.code, period))
    if said is not None and said != line.words:
        yield Clash(
            commitment.code,
            _("%(title)s, progress") % {"title": commitment.title},
            words_text(said),
            words_text(line.words),
            changes.get(("commitment", commitment.pk), ""),
            {input_name(line, name): texts[name] for name in NOTE_FIELDS},
        )


def _unread(line: Line, data: QueryDict) -> str:
    """A figure that could not be read, as it was typed."""
    parts = (data.get(input_name(line, name), "").strip() for name in ("numerator", "denominator"))
    return " / ".join(part for part in parts if part)


def words_text(words: Words) -> str:
    stage = str(Stage(words.stage).label) if words.stage in Stage.values else ""
    said = [text for text in (stage, words.progress, words.problems, words.next_steps) if text]
    return " · ".join(said) or formats.DASH


def _latest_changes(submission: Submission) -> dict[tuple[str, int | None], str]:
    """Who last changed each figure and each commitment's words, and when."""
    found: dict[tuple[str, int | None], str] = {}
    for each in submission.revisions.filter(kind__in=SAID).select_related("actor").order_by("at", "pk"):
        who = f"{each.actor.name if each.actor else each.actor_name} {formats.day_and_time(each.at)}"
        subject = ("indicator", each.indicator_id) if each.indicator_id else ("commitment", each.commitment_id)
        found[subject] = who
    return found
