# ruff: noqa: F811  the fixtures of tests/doors.py are arguments here
"""Who may do what, and when: every step of a submission, by everybody, through page, stock admin and domain.

One table per rule. A line is a door and the state that the submission is in; a column is a person: tests/doors.py
tells who they are and what the words mean, tests/deeds.py what is done at each door. The rules about plans, periods,
targets, units and accounts are in tests/test_who_may_edit.py. What stands elsewhere and is not repeated here:

* who submitted cannot check, reasons, rounds, late days: tests/targets/test_review.py
* what the page shows to whom, faults and conflicts of the form: tests/targets/test_submission_page.py
* explanations and remarks by their content: tests/targets/test_review_words.py
* what evidence is taken, and that closing and returning bind it: tests/targets/test_evidence.py, test_evidence_pages.py
* uploads by their content: tests/targets/test_uploads.py; two at once: test_concurrency.py
* the leaders' pages and the interface for programs: tests/dashboard/test_access.py, tests/targets/test_api_progress.py
"""

import pytest

from tests.deeds import DEEDS, STATES
from tests.doors import PERSONS, City, built, city, db, lines_of_tables, tried  # noqa: F401

TABLES = {
    "look": """
                                rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        page    draft           sees sees sees sees sees 404  404  404  sees 403  sees 404  404  sees
        page    approved        sees sees sees sees sees 404  sees sees sees 403  sees 404  404  sees
        figure  approved        sees sees sees sees sees 404  sees sees sees 404  sees 404  404  sees
        domain  draft           sees sees sees sees sees 404  404  404  sees 404  sees 404  404  sees
        domain  approved        sees sees sees sees sees 404  sees sees sees 404  sees 404  404  sees
        record  draft           sees sees sees sees sees 404  404  404  sees 404  sees 404  404  sees
        record  approved        sees sees sees sees sees 404  sees sees sees 404  sees 404  404  sees
        """,
    "fill in": """
                                rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        page    draft           done 403  done 403  403  404  404  404  403  404  403  404  404  done
        page    submitted       says 403  says 403  403  404  404  404  403  404  403  404  404  says
        page    closed          says 403  says 403  403  404  404  404  403  404  403  404  404  says
        preview draft           none 403  none 403  403  404  404  404  403  404  403  404  404  none
        figure  draft           405  405  405  405  405  404  404  404  405  404  405  404  404  405
        admin   draft           403  403  403  403  403  403  403  403  403  403  403  403  403  403
        draft   draft           done 403  done 403  403  403  403  403  403  403  403  403  403  done
        draft   submitted       says 403  says 403  403  403  403  403  403  403  403  403  403  says
        domain  draft           done 403  done 403  says 403  403  403  403  403  403  says 403  done
        domain  closed          says 403  says 403  says 403  403  403  403  403  403  says 403  says
        """,
    "explain": """
                                rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        page    draft           done 403  done 403  403  404  404  404  403  404  403  404  404  done
        domain  draft           done 403  done 403  403  403  403  403  403  403  403  403  403  done
        domain  closed          says 403  says 403  403  403  403  403  403  403  403  403  403  says
        """,
    "upload": """
                                rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        page    draft           done 403  done 403  says 403  403  403  403  403  403  says 403  done
        domain  draft           done 403  done 403  says 403  403  403  403  403  403  says 403  done
        domain  closed          says 403  says 403  says 403  403  403  403  403  403  says 403  says
        """,
    "confirm": """
                                rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        page    sheet           done 403  403  404  404  404  404  404  403  404  403  404  404  403
        page    sheet+submitted says 403  403  404  404  404  404  404  403  404  403  404  404  403
        domain  sheet           done 403  403  403  403  403  403  403  403  403  403  403  403  403
        domain  sheet+closed    says 403  403  403  403  403  403  403  403  403  403  403  403  403
        """,
    "discard": """
                                rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        page    sheet           done 403  403  404  404  404  404  404  403  404  403  404  404  403
        domain  sheet           done 403  403  403  403  403  403  403  403  403  403  403  403  403
        """,
    "see the sheet": """
                                rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        page    sheet           sees sees sees 404  404  404  404  404  sees 404  sees 404  404  sees
        file    sheet           sees sees sees 404  404  404  404  404  sees 404  sees 404  404  sees
        domain  sheet           sees sees sees 404  404  404  404  404  sees 404  sees 404  404  sees
        """,
    "submit": """
                                rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        page    draft           done 403  done 403  403  404  404  404  403  404  403  404  404  403
        page    closed          says 403  says 403  403  404  404  404  403  404  403  404  404  403
        admin   draft           done 403  done 403  says 404  404  404  403  403  403  404  404  says
        admin   approved        says 403  says 403  says 404  403  403  403  403  403  404  404  says
        domain  draft           done 403  done 403  403  403  403  403  403  403  403  403  403  403
        domain  submitted       says 403  says 403  403  403  403  403  403  403  403  403  403  403
        domain  closed          says 403  says 403  403  403  403  403  403  403  403  403  403  403
        domain  extended        done 403  done 403  403  403  403  403  403  403  403  403  403  403
        """,
    "endorse": """
                                rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        page    submitted       403  done done 403  403  404  404  404  403  404  403  404  404  403
        page    own             403  done 403  403  403  404  404  404  403  404  403  404  404  403
        page    draft           403  says says 403  403  404  404  404  403  404  403  404  404  403
        admin   submitted       403  done done 403  403  404  404  404  403  403  403  404  404  403
        admin   endorsed        403  says says 403  403  404  404  404  403  403  403  404  404  403
        domain  submitted       403  done done 403  403  403  403  403  403  403  403  403  403  403
        domain  own             403  done 403  403  403  403  403  403  403  403  403  403  403  403
        domain  approved        403  says says 403  403  403  403  403  403  403  403  403  403  403
        """,
    "approve": """
                                rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        page    endorsed        403  403  403  done done 404  404  404  403  404  403  404  404  403
        page    department      404  404  404  done 403  404  404  404  403  404  403  404  404  403
        page    submitted       403  403  403  says says 404  404  404  403  404  403  404  404  403
        domain  endorsed        403  403  403  done done 403  403  403  403  403  403  403  403  403
        domain  department      403  403  403  done 403  403  403  403  403  403  403  403  403  403
        """,
    "return": """
                                rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        page    submitted       403  done done says says 404  404  404  403  404  403  404  404  403
        page    endorsed        403  says says done done 404  404  404  403  404  403  404  404  403
        page    draft           403  says says says says 404  404  404  403  404  403  404  404  403
        admin   submitted       403  done done says says 404  404  404  403  403  403  404  404  403
        admin   endorsed        403  says says done done 404  404  404  403  403  403  404  404  403
        domain  submitted       403  done done says says 403  403  403  403  403  403  403  403  403
        domain  endorsed        403  says says done done 403  403  403  403  403  403  403  403  403
        domain  department      403  403  403  done done 403  403  403  403  403  403  403  403  403
        domain  approved        403  says says says says 403  403  403  403  403  403  403  403  403
        """,
    "reopen": """
                                rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        page    approved        403  403  403  done done 404  403  403  403  404  403  404  404  403
        page    endorsed        403  403  403  says says 404  404  404  403  404  403  404  404  403
        admin   approved        403  403  403  done done 404  says 403  403  403  403  404  404  403
        domain  approved        403  403  403  done done 403  403  403  403  403  403  403  403  403
        domain  submitted       403  403  403  says says 403  403  403  403  403  403  403  403  403
        """,
    "approve in bulk": """
                                rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        admin   endorsed        403  403  403  done done 404  404  404  403  403  403  404  404  403
        admin   warned          403  403  403  says says 404  404  404  403  403  403  404  404  403
        domain  endorsed        says says says done done says says says says says says says says says
        domain  warned          says says says says says says says says says says says says says says
        """,
    "add evidence": """
                                rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        page    draft           done 403  done 403  403  404  404  404  403  404  403  404  404  done
        page    submitted       says 403  says 403  403  404  404  404  403  404  403  404  404  says
        domain  draft           done 403  done 403  403  403  403  403  403  403  403  403  403  done
        domain  closed          says 403  says 403  403  403  403  403  403  403  403  403  403  says
        """,
    "remove evidence": """
                                rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        page    file            done 403  done 403  403  404  404  404  403  404  403  404  404  done
        page    file+closed     says 403  says 403  403  404  404  404  403  404  403  404  404  says
        admin   file            403  403  403  403  403  403  403  403  403  403  403  403  403  403
        domain  file            done 403  done 403  403  403  403  403  403  403  403  403  403  done
        domain  file+submitted  says 403  says 403  403  403  403  403  403  403  403  403  403  says
        """,
    "see evidence": """
                                rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        page    file            sees sees sees sees sees 404  404  404  sees 404  sees 404  404  sees
        file    file+approved   sees sees sees sees sees 404  sees sees sees 404  sees 404  404  sees
        admin   file            sees sees sees sees sees 404  404  404  sees 403  sees 404  404  sees
        domain  file            sees sees sees sees sees 404  404  404  sees 404  sees 404  404  sees
        domain  file+approved   sees sees sees sees sees 404  sees sees sees 404  sees 404  404  sees
        """,
}  # fmt: skip


@pytest.mark.parametrize(("rule", "door", "state", "expected"), lines_of_tables(TABLES))
def test_who_may(city: City, rule: str, door: str, state: str, expected: dict[str, str]) -> None:
    STATES[state](city)
    assert tried(city, DEEDS[rule][door]) == expected
