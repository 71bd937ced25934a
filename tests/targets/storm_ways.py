"""The two ways in: the domain's functions, and the pages with their sessions and logins."""

import json
import re
from collections.abc import Sequence

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from organisations.models import Account
from targets.choices import Origin
from targets.domain import review
from targets.domain.drafts import Draft, save_draft
from targets.domain.explanations import ExplanationEntry
from targets.domain.figures import record_figures
from targets.entry.typed import input_name
from targets.lines import Line, lines_of_one
from targets.problems import Problem, Refused
from targets.soft_checks import cautions_of
from tests.targets.storm import PASSWORD, Report, Way, has_figure
from tests.world import NOW


class Functions(Way):
    """The domain's functions. Of two first saves one is the form's and one a confirmed spreadsheet's."""

    how = {"at": NOW, "origin": Origin.FORM}

    def touch(self, report: Report, salt: int) -> None:
        figures, notes = report.entries(salt, [report.first])
        if salt == 0:
            save_draft(Draft(report.now(), 0, figures, notes), actor=report.reporter, **self.how)
        else:
            record_figures(figures, notes, actor=report.reporter, versions={report.key: 0}, **self.how)

    def hand_in(self, report: Report, salt: int) -> None:
        submission = report.now()
        draft = Draft(submission, 1, *report.entries(salt))
        save_draft(draft, actor=report.reporter, **self.how)
        cautions = cautions_of(lines_of_one(submission), timezone.localdate(NOW))
        words = [ExplanationEntry(each.commitment.code, each.code, "情况属实") for each in cautions]
        draft = Draft(submission, submission.version, explanations=words)
        save_draft(draft, actor=report.reporter, **self.how)
        review.submit(submission, actor=report.reporter, version=submission.version, **self.how)

    def step(self, report: Report, name: str, actor: Account) -> None:
        getattr(review, name)(report.submission, actor=actor, **self.how)


class Pages(Way):
    """The pages, for a client that has logged in by name and password in each thread."""

    contested = 7  # a refusal shows the whole page again

    def touch(self, report: Report, salt: int) -> None:
        post(logged_in(report.reporter), report, "save", {"version": 0, **typed(report, salt, [report.first])})

    def hand_in(self, report: Report, salt: int) -> None:
        client = logged_in(report.reporter)
        answer = json.loads(post(client, report, "save", {"version": 1, **typed(report, salt)}).content)
        whys = re.findall(r'name="(\w+[^"]why-\w+)"', answer["cautions"])
        rows = {"row": [re.split(r"\W", name)[0] for name in whys], **dict.fromkeys(whys, "情况属实")}
        post(client, report, "submit", {"version": answer["version"], **rows})

    def step(self, report: Report, name: str, actor: Account) -> None:
        post(logged_in(actor), report, name, {"version": report.now().version})


def logged_in(account: Account) -> Client:
    client = Client()
    answer = client.post("/login/", {"username": account.username, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return client


def typed(report: Report, salt: int, lines: Sequence[Line] = ()) -> dict[str, object]:
    """The fields of the form's rows."""
    figures, notes = report.entries(salt, lines)
    numbers = {each.indicator: each for each in figures}
    words = {each.commitment: each for each in notes}
    data: dict[str, object] = {"row": list(words)}
    for line in lines or report.lines:
        said = words[line.commitment.code]
        data |= {input_name(line, "stage"): said.stage, input_name(line, "progress"): said.progress}
        if has_figure(line):
            number = numbers[line.indicator.code]
            data |= {
                input_name(line, "numerator"): number.numerator,
                input_name(line, "denominator"): number.denominator or "",
            }
    return data


def post(client: Client, report: Report, step: str, data: dict[str, object]) -> HttpResponse:
    """Posts as the page's script does. Raises Refused for who comes too late."""
    answer = client.post(
        f"/admin/submissions/{report.submission.pk}/{step}/", data, headers={"X-Requested-With": "fetch"}
    )
    if answer.status_code == 409:
        raise Refused([Problem("changed_meanwhile", "")])
    assert answer.status_code in (200, 302), (step, answer.status_code, answer.content.decode()[:2000])
    return answer
