"""What one submission's page costs, beside an empty Django page of the same run.

    .venv/bin/python -m benchmarks.entry [COMMITMENTS …]     10 and 30 without arguments; DATABASE_URL as in the README

It makes a database of its own beside the given one and removes it again. The unit has reported three quarters with
words, explanations and a file for each commitment; the third was returned with a remark at each, and changed since,
so that everything shows that the page can show. Every request goes through all the middleware, for an account that
has logged in. Times are of the request alone, in this process: milliseconds, the median and the least of the runs,
because something else on the machine makes single ones slower.

  empty      a page of one line, behind the same login
  open       the entry form, for the reporter
  read       the same submission endorsed, for the reviewer
  preview    what the form asks while one row is typed
  save one   one row, on top of the last version
  save all   every row, each with another number and other words
"""

import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ningbo_plan.settings")
os.environ.setdefault("DEBUG", "1")
django.setup()

from django.contrib.auth.decorators import login_required  # noqa: E402
from django.core.files.base import ContentFile  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.template import engines  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import path  # noqa: E402

from ningbo_plan.urls import urlpatterns as product  # noqa: E402
from organisations.choices import Role  # noqa: E402
from targets.choices import Origin, Stage  # noqa: E402
from targets.domain import review  # noqa: E402
from targets.domain.entries import NoteEntry  # noqa: E402
from targets.domain.evidence import add_evidence  # noqa: E402
from targets.lines import Line, lines_of_one  # noqa: E402
from targets.models import Programme, Submission  # noqa: E402
from tests.targets.files import PDF  # noqa: E402
from tests.world import HAISHU, LEAD, NOW, World, add_indicator, build_world  # noqa: E402

SIZES = (10, 30)
EMPTY = "<!DOCTYPE html><html lang=zh><title>{{ user.name }}</title>"
ITS_OWN = 2  # commitments of the programme that the small city has already


@login_required
def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(EMPTY).render({}, request))


urlpatterns = [path("empty/", empty), *product]


@contextmanager
def test_database() -> Iterator[None]:
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


# ---- what is measured


def build(commitments: int) -> World:
    """A unit with so many commitments: flows, ratios and milestones in turn."""
    world = build_world()
    eldercare = Programme.objects.get(code="eldercare")
    for number in range(commitments - ITS_OWN):
        code, indicator = f"09{number + 10}", None
        if number % 3 == 0:
            indicator = add_indicator(f"F-{number}", eldercare, f"新建养老床位{number}", unit="张")
        elif number % 3 == 1:
            indicator = add_indicator(
                f"R-{number}", eldercare, f"设施覆盖率{number}", unit="%", form="ratio", time_rule="latest", per=100,
                bounded=True, numerator_label="已覆盖的村(社区)数", denominator_label="村(社区)总数",
            )  # fmt: skip
        world.add_commitment(code, indicator)
        world.target(code, HAISHU, *((900,) if indicator else ()), reports=True)
    world.target("0902", HAISHU, 900)
    return world


def say(world: World, quarter: int, salt: int = 0) -> None:
    """Numbers that ask for an explanation in the third quarter, and words on every commitment."""
    submission = world.submission(HAISHU, quarter)
    figures, notes = [], []
    for line in lines_of_one(submission):
        commitment = line.commitment
        if commitment.is_quantified:
            parts = (15 if quarter == 3 else 1,) if not line.indicator.is_ratio else (30 + salt, 300 // quarter)
            figures.append(world.entry(HAISHU, line.indicator.code, quarter, parts[0] + salt, *parts[1:]))
        words = {"progress": f"第{salt}稿:主体施工中", "problems": "用地手续", "next_steps": "倒排工期"}
        notes.append(NoteEntry(HAISHU, commitment.code, f"2020Q{quarter}", stage=Stage.IN_PROGRESS, **words))
    world.record(*figures, *notes)


def send_back(world: World) -> None:
    """The third quarter goes to the reviewer and comes back with a remark at every commitment."""
    submission, reporter = world.submission(HAISHU, 3), world.account(HAISHU, Role.REPORTER)
    how = {"at": NOW, "origin": Origin.FORM}
    for line in lines_of_one(submission):
        content = [ContentFile(PDF + line.commitment.code.encode(), name="验收单.pdf")]
        add_evidence(submission, line.commitment, content, actor=reporter, **how)
    submission = world.endorse(HAISHU, 3)
    remarks = [review.RemarkEntry(line.commitment.code, "请核对口径") for line in lines_of_one(submission)]
    reviewer = world.account(LEAD, Role.REVIEWER)
    review.return_submission(submission, actor=reviewer, reason="请核对后重报", remarks=remarks, **how)


class Form:
    """The entry form in a browser's hands: it knows the version and its inputs, and types something new each time."""

    def __init__(self, client: Client, submission: Submission, page: str):
        self.client, self.submission, self.numbers = client, submission, count(20)
        self.inputs = {
            tuple(re.split(r"\W", name, maxsplit=1)): name for name in re.findall(r'name="(\w+\W\w+)"', page)
        }

    def post(self, step: str, lines: list[Line]) -> None:
        number = next(self.numbers)
        data = {"version": self.submission.version, "row": [line.commitment.code for line in lines]}
        for line in lines:
            code = line.commitment.code
            data |= {self.inputs[code, "progress"]: f"第{number}次保存"}
            if line.commitment.is_quantified:
                data |= {self.inputs[code, "numerator"]: number % 100}
                if line.indicator.is_ratio:
                    data |= {self.inputs[code, "denominator"]: 100}
            else:
                data |= {self.inputs[code, "stage"]: Stage.IN_PROGRESS}
        address = f"/admin/submissions/{self.submission.pk}/{step}/"
        answer = self.client.post(address, data, headers={"X-Requested-With": "fetch"})
        assert answer.status_code == 200, answer.content.decode()
        self.submission.version = answer.json()["version"]


def works(world: World) -> Iterator[tuple[str, Callable[[], object]]]:
    """What is measured, by its name; each is brought about when it is asked for."""
    submission = world.submission(HAISHU, 3)
    page = f"/admin/targets/submission/{submission.pk}/change/"
    clerk, checker = Client(), Client()
    clerk.force_login(world.account(HAISHU, Role.REPORTER))
    checker.force_login(world.account(LEAD, Role.REVIEWER))
    lines = lines_of_one(submission)
    form = Form(clerk, submission, clerk.get(page).content.decode())
    yield "empty", lambda: clerk.get("/empty/")
    yield "open", lambda: clerk.get(page)
    yield "preview", lambda: form.post("preview", lines[:1])
    say(world, 3, salt=2)
    world.endorse(HAISHU, 3)
    yield "read", lambda: checker.get(page)
    reviewer = world.account(LEAD, Role.REVIEWER)
    review.return_submission(submission, actor=reviewer, at=NOW, origin=Origin.FORM, reason="请核对后重报")
    yield "save one", lambda: form.post("save", lines[:1])
    yield "save all", lambda: form.post("save", lines)


# ---- measuring


def measure(commitments: int) -> None:
    beside = 0.0
    with test_database(), tempfile.TemporaryDirectory() as uploads, override_settings(MEDIA_ROOT=uploads):
        world = build(commitments)
        for quarter in (1, 2, 3):
            say(world, quarter)
        send_back(world)
        say(world, 3, salt=1)
        for name, work in works(world):
            queries, times = queries_of(work), milliseconds(work)
            median, least = statistics.median(times), min(times)
            beside = beside or median
            print(
                f"{connection.display_name:<11} {commitments:>11} {name:<9} {queries:>8} {median:>9.1f} {least:>9.1f} "
                f"{median / beside:>8.1f}",
                flush=True,
            )


def queries_of(work: Callable[[], object]) -> int:
    work()
    with CaptureQueriesContext(connection) as queries:
        work()
    return len(queries)


def milliseconds(work: Callable[[], object], seconds: float = 2) -> list[float]:
    """As many runs as fit into the time, eleven at least."""
    times: list[float] = []
    while len(times) < 11 or sum(times) < seconds * 1000:
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return times


def main() -> None:
    print("database    commitments request    queries median ms  least ms  ÷ empty")
    settings = {"ROOT_URLCONF": __name__, "TODAY": NOW.date(), "DEBUG": False, "ALLOWED_HOSTS": ["testserver"]}
    with override_settings(**settings):
        for size in [int(argument) for argument in sys.argv[1:]] or SIZES:
            measure(size)


if __name__ == "__main__":
    main()
