"""What can be done with a submission, through each door, and the states in which it is tried; see tests/doors.py."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from targets.choices import Origin, PeriodState
from targets.domain import review
from targets.domain.drafts import Draft, save_draft
from targets.domain.entries import FigureEntry, NoteEntry
from targets.domain.evidence import add_evidence, remove_evidence
from targets.domain.explanations import ExplanationEntry
from targets.domain.figures import record_figures
from targets.domain.periods import extend_due_day, set_period_state
from targets.domain.uploads import SheetFile, confirm_upload, discard_upload, preview_file
from targets.models import Evidence, Figure, Revision, Submission, Upload
from tests.doors import City, Deed
from tests.targets import files
from tests.targets.test_uploads import workbook
from tests.world import BEDS, HAISHU, LEAD, NOW, explain_all

SHEET = workbook([["0902", BEDS, "新建养老床位", "张", 126, "", "", "", "", "", ""]])
WAY = {"at": NOW, "origin": Origin.FORM}


# ---- the states


def submitted_by(city: City, person: str) -> None:
    submission = city.submission
    review.submit(submission, actor=city.accounts[person], explanations=explain_all(submission), **WAY)


def close(city: City) -> None:
    set_period_state(city.world.periods[3], PeriodState.CLOSED, actor=None)


def extended(city: City) -> None:
    close(city)
    day = date(2020, 10, 20)
    extend_due_day(
        city.world.periods[3], city.world.units[HAISHU], day, actor=city.accounts["man"], at=NOW, reason="台风"
    )


def departments(city: City, person: str) -> None:
    """A department's own submission, handed in by the person."""
    city.world.record(NoteEntry(LEAD, "0905", "2020Q3", stage="done"))
    city.subject = (LEAD, 3)
    submitted_by(city, person)


def warned(city: City) -> None:
    """Endorsed with a warning that has been explained."""
    city.world.report(HAISHU, BEDS, 2, 5)
    city.world.report(HAISHU, BEDS, 3, 500)
    city.world.endorse(HAISHU, 3)


def with_evidence(city: City) -> None:
    file = SimpleUploadedFile("验收单.pdf", files.PDF)
    commitment = city.world.commitments["0902"]
    (city.rows["evidence"],) = add_evidence(city.submission, commitment, [file], actor=city.accounts["rep"], **WAY)


def with_upload(city: City) -> None:
    report = preview_file(SheetFile(SHEET, "海曙.xlsx"), actor=city.accounts["rep"], at=NOW)
    city.rows["upload"] = report.upload


def also(*makers: Callable[[City], Any]) -> Callable[[City], None]:
    """A state that several others make together."""

    def make(city: City) -> None:
        for maker in makers:
            maker(city)

    return make


STATES: Mapping[str, Callable[[City], Any]] = {
    "draft": lambda city: None,
    "submitted": lambda city: city.world.submit(HAISHU, 3),
    "endorsed": lambda city: city.world.endorse(HAISHU, 3),
    "approved": lambda city: city.world.approve(HAISHU, 3),
    "closed": close,
    "extended": extended,
    "own": lambda city: submitted_by(city, "both"),  # by the person whose column is "both"
    "department": lambda city: departments(city, "desk"),  # by the person whose column is "desk"
    "warned": warned,
    "file": with_evidence,
    "file+submitted": also(with_evidence, lambda city: city.world.submit(HAISHU, 3)),
    "file+approved": also(with_evidence, lambda city: city.world.approve(HAISHU, 3)),
    "file+closed": also(with_evidence, close),
    "sheet": with_upload,
    "sheet+submitted": also(with_upload, lambda city: city.world.submit(HAISHU, 3)),
    "sheet+closed": also(with_upload, close),
}


# ---- the deeds


def typed(**fields: object) -> dict[str, object]:
    return {"row": ["0902"], **{f"0902.{name.replace('_', '-')}": value for name, value in fields.items()}}


def on_page(step: str, **fields: object) -> Deed:
    """The step on the submission's own page."""

    def deed(city: City, person: str) -> Any:
        submission = city.submission
        return city.post(person, f"submission_{step}", submission.pk, version=submission.version, **fields)

    return deed


def in_list(action: str, **fields: object) -> Deed:
    """The step as an action of the stock admin's list."""
    return lambda city, person: city.act(person, "targets_submission", action, city.submission, **fields)


def in_domain(step: Callable[..., Any], **more: object) -> Deed:
    return lambda city, person: step(city.submission, actor=city.accounts[person], **WAY, **more)


def of_row(kind: str, name: str, **fields: object) -> Deed:
    """A page that belongs to a row which the state has made."""
    return lambda city, person: city.post(person, name, city.rows[kind].pk, **fields)


def figure(number: int) -> FigureEntry:
    return FigureEntry(HAISHU, BEDS, "2020Q3", Decimal(number))


def draft(city: City, **parts: object) -> Draft:
    submission = city.submission
    return Draft(submission, submission.version, **parts)


def add_file(city: City, person: str) -> Any:
    return city.post(person, "evidence", city.submission.pk, "0902", files=SimpleUploadedFile("图.png", files.PNG))


def add_file_in_domain(city: City, person: str) -> Any:
    given = [SimpleUploadedFile("图.png", files.PNG)]
    return add_evidence(city.submission, city.world.commitments["0902"], given, actor=city.accounts[person], **WAY)


def is_visible(rows: Any, field: str = "submission") -> Deed:
    """Whether the domain shows the person what belongs to the submission by this field."""
    return lambda city, person: rows.visible_to(city.accounts[person]).filter(**{field: city.submission.pk}).exists()


EXPLAINED = [ExplanationEntry("0902", "leapt", "集中交付")]
REMARK = [review.RemarkEntry("0905", "请核对")]
WHY = {"reason": "口径不符"}
DEEDS: Mapping[str, Mapping[str, Deed]] = {
    "look": {
        "page": lambda city, person: city.get(person, "targets_submission_change", city.submission.pk),
        "figure": lambda city, person: city.get(person, "targets_figure_change", city.submission.figures.get().pk),
        "domain": is_visible(Submission.objects, "pk"),
        "figures": is_visible(Figure.objects),
        "record": is_visible(Revision.objects),
    },
    "fill in": {
        "page": on_page("save", **typed(numerator="7")),
        "preview": on_page("preview", **typed(numerator="7")),
        "figure": lambda city, person: city.post(
            person, "targets_figure_change", city.submission.figures.get().pk, numerator="7"
        ),
        "admin": lambda city, person: city.post(person, "targets_figure_add", numerator="7"),
        "draft": lambda city, person: save_draft(draft(city, figures=[figure(7)]), actor=city.accounts[person], **WAY),
        "domain": lambda city, person: record_figures([figure(7)], actor=city.accounts[person], **WAY),
    },
    "explain": {
        "page": on_page("save", **typed(numerator="5", why_leapt="集中交付")),
        "domain": lambda city, person: save_draft(
            draft(city, explanations=EXPLAINED), actor=city.accounts[person], **WAY
        ),
    },
    "upload": {
        "page": lambda city, person: city.post(person, "upload", file=SimpleUploadedFile("海曙.xlsx", SHEET)),
        "domain": lambda city, person: preview_file(SheetFile(SHEET, "海曙.xlsx"), actor=city.accounts[person], at=NOW),
    },
    "confirm": {
        "page": of_row("upload", "upload_confirm"),
        "domain": lambda city, person: confirm_upload(city.rows["upload"], actor=city.accounts[person], at=NOW),
    },
    "discard": {
        "page": of_row("upload", "upload_discard"),
        "domain": lambda city, person: discard_upload(city.rows["upload"], actor=city.accounts[person]),
    },
    "see the sheet": {
        "page": lambda city, person: city.get(person, "upload_preview", city.rows["upload"].pk),
        "file": lambda city, person: city.get(person, "upload_file", city.rows["upload"].pk),
        "domain": lambda city, person: Upload.objects.visible_to(city.accounts[person]).exists(),
    },
    "submit": {
        "page": on_page("submit", **typed(numerator="7")),
        "admin": in_list("submit"),
        "domain": in_domain(review.submit),
    },
    "endorse": {"page": on_page("endorse"), "admin": in_list("endorse"), "domain": in_domain(review.endorse)},
    "approve": {"page": on_page("approve"), "admin": in_list("approve"), "domain": in_domain(review.approve)},
    "return": {
        "page": on_page("return", **WHY, **{"0905.remark": "请核对"}),
        "admin": in_list("send_back", **WHY),
        "domain": in_domain(review.return_submission, **WHY, remarks=REMARK),
    },
    "reopen": {
        "page": on_page("reopen", **WHY, **{"0905.remark": "请核对"}),
        "admin": in_list("reopen", **WHY),
        "domain": in_domain(review.reopen, **WHY, remarks=REMARK),
    },
    "approve in bulk": {
        "admin": in_list("approve"),
        "domain": lambda city, person: review.approve_without_cautions(
            [city.submission], actor=city.accounts[person], **WAY
        ),
    },
    "add evidence": {"page": add_file, "domain": add_file_in_domain},
    "remove evidence": {
        "page": of_row("evidence", "evidence_remove"),
        "admin": of_row("evidence", "targets_evidence_delete", post="yes"),
        "domain": lambda city, person: remove_evidence(city.rows["evidence"], actor=city.accounts[person], **WAY),
    },
    "see evidence": {
        "page": lambda city, person: city.get(person, "evidence", city.submission.pk, "0902"),
        "file": lambda city, person: city.get(person, "evidence_file", city.rows["evidence"].pk),
        "admin": lambda city, person: city.get(person, "targets_evidence_change", city.rows["evidence"].pk),
        "domain": is_visible(Evidence.objects),
    },
}
