from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organisations.history import Records
from organisations.models import Organisation
from targets import progress
from targets.choices import CommitmentKind, Comparator, Form, Pace, ReportedBy, TimeRule
from targets.querysets import CommitmentQuerySet, PlanQuerySet, ProgrammeQuerySet

code_validator = RegexValidator(r"^[A-Za-z0-9-]+\Z", _("A code is made of letters, digits and hyphens."))


class Programme(models.Model):
    """One line of business: who fills in together, and which department reviews. A section app owns it."""

    code = models.CharField(_("code"), max_length=20, unique=True, validators=[code_validator])
    name = models.CharField(_("name"), max_length=30)
    lead = models.ForeignKey(
        Organisation, models.PROTECT, related_name="led_programmes", verbose_name=_("lead department")
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    objects = ProgrammeQuerySet.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name


class Plan(models.Model):
    """One year's published work points of one issuer, with the limits by which its colours are judged."""

    code = models.CharField(_("code"), max_length=20, unique=True, validators=[code_validator])
    year = models.PositiveSmallIntegerField(_("year"), validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    title = models.CharField(_("title"), max_length=100)
    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="plans", verbose_name=_("issuer"))
    issued_on = models.DateField(_("issued on"))
    tolerance = models.DecimalField(
        _("tolerance (percentage points)"), max_digits=5, decimal_places=2, default=0,
        help_text=_("Up to this many percentage points behind the pace is still on pace."),
    )  # fmt: skip
    red_gap = models.DecimalField(
        _("red gap (percentage points)"), max_digits=5, decimal_places=2, default=15,
        help_text=_("Beyond this many percentage points behind the pace is far behind."),
    )  # fmt: skip
    invented = models.BooleanField(_("figures are invented"), default=False, editable=False)

    objects = PlanQuerySet.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["-year", "code"]
        constraints = [
            models.CheckConstraint(
                name="plan_limits_in_order",
                condition=Q(tolerance__gte=0, red_gap__gte=F("tolerance"), red_gap__lte=100),
                violation_error_message=_("The limits must satisfy 0 ≤ tolerance ≤ red gap ≤ 100."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def thresholds(self) -> progress.Thresholds:
        return progress.Thresholds.in_points(self.tolerance, self.red_gap)


class DataVersion(models.Model):
    """How often a plan's figures, notes, targets and steps of review have changed, and when last.

    Bumped in the transaction of each change; a change of reference data is none.
    """

    plan = models.OneToOneField(Plan, models.CASCADE, related_name="data_version")
    number = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.plan_id}: {self.number}"


class Section(models.Model):
    """One numbered section of a plan, as in the document."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="sections", verbose_name=_("plan"))
    number = models.CharField(_("number"), max_length=10)
    title = models.CharField(_("title"), max_length=100)
    position = models.PositiveIntegerField(_("position"), default=0)

    history = Records()

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "number"],
                name="section_number_once_in_plan",
                violation_error_message=_("The plan already has a section of this number."),
            ),
        ]

    def __str__(self) -> str:
        return _("%(number)s. %(title)s") % {"number": self.number, "title": self.title}


class WorkItem(models.Model):
    """One numbered item of a section; all its commitments belong to one programme."""

    section = models.ForeignKey(Section, models.PROTECT, related_name="items", verbose_name=_("section"))
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=100)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="items", verbose_name=_("programme"))

    history = Records()

    class Meta:
        verbose_name = _("work item")
        verbose_name_plural = _("work items")
        ordering = ["section__position", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["section", "number"],
                name="workitem_number_once_in_section",
                violation_error_message=_("The section already has an item of this number."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"


class Indicator(models.Model):
    """A definition that outlives a plan: what is counted, in what unit, how it adds up over the year."""

    code = models.CharField(_("code"), max_length=20, unique=True, validators=[code_validator])
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="indicators", verbose_name=_("programme"))
    name = models.CharField(_("name"), max_length=60)
    aliases = models.TextField(
        _("other names"), blank=True, help_text=_("One a line. Spreadsheets may call the indicator by any of them.")
    )
    unit = models.CharField(_("unit of measure"), max_length=20)
    form = models.CharField(_("form"), max_length=6, choices=Form)
    time_rule = models.CharField(_("over the year"), max_length=6, choices=TimeRule)
    per = models.DecimalField(
        _("per"), max_digits=9, decimal_places=2, default=1,
        help_text=_("A ratio is numerator ÷ denominator × this: 100 for percentages."),
    )  # fmt: skip
    bounded = models.BooleanField(
        _("bounded"), default=False, help_text=_("The numerator may not exceed the denominator.")
    )
    decimals = models.PositiveSmallIntegerField(
        _("decimals"), null=True, blank=True,
        help_text=_("How many decimals a reported part may have; 0 for whole numbers, empty for up to four."),
    )  # fmt: skip
    numerator_label = models.CharField(_("numerator"), max_length=60, blank=True)
    denominator_label = models.CharField(_("denominator"), max_length=60, blank=True)
    definition = models.TextField(_("definition"), blank=True)

    history = Records()

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="indicator_form_known",
                condition=Q(form__in=Form.values),
                violation_error_message=_("The form must be number or ratio."),
            ),
            models.CheckConstraint(
                name="indicator_time_rule_known",
                condition=Q(time_rule__in=TimeRule.values),
                violation_error_message=_("This rule over the year is not known."),
            ),
            models.CheckConstraint(
                name="indicator_ratio_has_labels",
                condition=Q(form=Form.NUMBER) | ~Q(numerator_label="") & ~Q(denominator_label=""),
                violation_error_message=_("A ratio needs a name for its numerator and one for its denominator."),
            ),
            models.CheckConstraint(
                name="indicator_number_is_plain",
                condition=Q(form=Form.RATIO) | Q(per=1, bounded=False, numerator_label="", denominator_label=""),
                violation_error_message=_("Only a ratio has “per”, a bound, and names of its parts."),
            ),
            models.CheckConstraint(
                name="indicator_per_positive",
                condition=Q(per__gt=0),
                violation_error_message=_("“Per” must be greater than 0."),
            ),
            models.CheckConstraint(
                name="indicator_decimals_fit",
                condition=Q(decimals__isnull=True) | Q(decimals__lte=4),
                violation_error_message=_("At most four decimals can be kept."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("indicator", args=[self.code])

    @property
    def is_ratio(self) -> bool:
        return self.form == Form.RATIO

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases.split("\n")) if self.aliases else (self.name,)


class Commitment(models.Model):
    """One promise of the plan: a number to reach, a deliverable with an end, or a duty that goes on."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="commitments", editable=False, verbose_name=_("plan"))
    item = models.ForeignKey(WorkItem, models.PROTECT, related_name="commitments", verbose_name=_("work item"))
    code = models.CharField(_("code"), max_length=10, validators=[code_validator])
    kind = models.CharField(_("kind"), max_length=10, choices=CommitmentKind)
    statement = models.CharField(_("statement"), max_length=200)
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="commitments", verbose_name=_("indicator")
    )
    comparator = models.CharField(_("comparator"), max_length=8, choices=Comparator, default=Comparator.AT_LEAST)
    pace = models.CharField(_("pace"), max_length=6, choices=Pace, default=Pace.LINEAR)
    pace_q1 = models.DecimalField(_("share at Q1 (%)"), max_digits=5, decimal_places=2, null=True, blank=True)
    pace_q2 = models.DecimalField(_("share at Q2 (%)"), max_digits=5, decimal_places=2, null=True, blank=True)
    pace_q3 = models.DecimalField(_("share at Q3 (%)"), max_digits=5, decimal_places=2, null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True, help_text=_("Empty: 31 December of the plan's year."))
    stretch = models.BooleanField(_("stretch goal"), default=False)
    evidence_required = models.BooleanField(
        _("evidence required"), default=False,
        help_text=_("A submission without a file for this commitment has to say why."),
    )  # fmt: skip
    reported_by = models.CharField(_("reported by"), max_length=9, choices=ReportedBy)
    withdrawn = models.BooleanField(_("no longer in the plan"), default=False, editable=False)

    objects = CommitmentQuerySet.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        ordering = ["plan", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                name="commitment_code_once_in_plan",
                violation_error_message=_("The plan already has a commitment of this code."),
            ),
            models.CheckConstraint(
                name="commitment_kind_known",
                condition=Q(kind__in=CommitmentKind.values),
                violation_error_message=_("This kind of commitment is not known."),
            ),
            models.CheckConstraint(
                name="commitment_quantified_has_indicator",
                condition=Q(kind=CommitmentKind.QUANTIFIED, indicator__isnull=False)
                | ~Q(kind=CommitmentKind.QUANTIFIED) & Q(indicator__isnull=True),
                violation_error_message=_("A quantified commitment has an indicator, and no other has one."),
            ),
            models.CheckConstraint(
                name="commitment_comparator_known",
                condition=Q(comparator__in=Comparator.values),
                violation_error_message=_("The comparator must be at least or at most."),
            ),
            models.CheckConstraint(
                name="commitment_reported_by_known",
                condition=Q(reported_by__in=ReportedBy.values),
                violation_error_message=_("Who reports must be the districts, the lead department or listed units."),
            ),
            models.CheckConstraint(
                name="commitment_pace_whole",
                condition=Q(pace__in=[Pace.LINEAR, Pace.NONE], pace_q1=None, pace_q2=None, pace_q3=None)
                | Q(pace=Pace.CUSTOM, pace_q1__gte=0, pace_q2__gte=F("pace_q1"), pace_q3__gte=F("pace_q2"))
                & Q(pace_q3__lte=100, pace_q1__isnull=False, pace_q2__isnull=False, pace_q3__isnull=False),
                violation_error_message=_(
                    "A custom pace needs three shares for Q1 to Q3 that do not fall, from 0 to 100; "
                    "other paces have none."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.statement}"

    def save(self, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        self.plan = self.item.section.plan
        super().save(*args, **kwargs)

    def clean(self) -> None:
        if not self.item_id:
            return
        self.plan = self.item.section.plan
        if self.indicator and self.indicator.programme_id != self.item.programme_id:
            raise ValidationError(_("The indicator belongs to another programme than the work item."))
        others = Commitment.objects.filter(plan__year=self.plan.year, code=self.code).exclude(plan=self.plan)
        other = others.select_related("plan").first()
        if other:  # files and forms name a commitment by its code and the year
            message = _("The plan “%(plan)s” of the same year has a commitment %(code)s already; choose another code.")
            raise ValidationError(message % {"plan": other.plan.title, "code": self.code})

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Also those on the plan, which no form shows because it follows from the item."""
        super().validate_constraints(exclude=set(exclude or ()) - {"plan"} if self.plan_id else exclude)

    @property
    def is_quantified(self) -> bool:
        return self.kind == CommitmentKind.QUANTIFIED

    @property
    def required_indicator(self) -> Indicator:
        """The indicator of a quantified commitment, which always has one; ValueError for any other."""
        if self.indicator is None:
            raise ValueError(f"{self.code} is not quantified")
        return self.indicator

    @property
    def title(self) -> str:
        """The indicator's name for a number, the statement for everything else."""
        return self.indicator.name if self.indicator else self.statement

    @property
    def curve(self) -> progress.Curve:
        return progress.pace_curve(self.pace, (self.pace_q1, self.pace_q2, self.pace_q3))

    @property
    def due_day(self) -> date:
        return self.due_on or date(self.plan.year, 12, 31)
