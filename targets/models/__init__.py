from targets.models.evidence import Evidence
from targets.models.explanations import Explanation
from targets.models.figures import Figure, ProgressNote
from targets.models.periods import DueDayExtension, Period
from targets.models.plans import Commitment, DataVersion, Indicator, Plan, Programme, Section, WorkItem
from targets.models.revisions import Remark, Revision, Transition
from targets.models.submissions import Submission
from targets.models.targets import Target
from targets.models.uploads import Upload

__all__ = [
    "Commitment",
    "DataVersion",
    "DueDayExtension",
    "Evidence",
    "Explanation",
    "Figure",
    "Indicator",
    "Period",
    "Plan",
    "Programme",
    "ProgressNote",
    "Remark",
    "Revision",
    "Section",
    "Submission",
    "Target",
    "Transition",
    "Upload",
    "WorkItem",
]
