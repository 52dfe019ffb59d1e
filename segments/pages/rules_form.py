"""The rule editor's form: what was sent becomes drafts, and every fault a sentence beside its field.

Fields of a tier are named `<code>.<name>`; the rows of its criteria are parallel lists, in the order of the page.
Keys of errors: `<code>.<name>`, `<code>.criteria.<row>`, `<code>` for the tier as a whole, `rfm.<name>`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core.errors import Text
from core.rules.whole import whole_in
from segments.enums import Goal, Measure
from segments.rules.definitions import FALLBACK, CriterionRule, Definitions, RfmRule, TierRule
from segments.rules.validation import problems_of
from segments.services.definitions import SENTENCES, TierDraft

STEP = 10
THRESHOLDS = ("recency_days", "frequency", "monetary")
UNWINDOWED = frozenset({Measure.REGISTERED_DAYS, Measure.R, Measure.F, Measure.M})
MOST_ROWS, LONGEST_CODE, MOST_DAYS, MOST_GROUPS = 40, 20, 99_999, 99
SCORES_WITH_THRESHOLD = 4


class TypedRow(NamedTuple):
    """A criterion as somebody typed it, right or wrong."""

    measure: str
    window: str
    operator: str
    value: str
    alternative: str


@dataclass
class RulesForm:
    """Drafts in the order of the page with the score rule, what was typed, and what is wrong with it by key."""

    tiers: list[TierDraft] = field(default_factory=list)
    rfm: RfmRule = field(default_factory=RfmRule)
    rows: dict[str, list[TypedRow]] = field(default_factory=dict)
    errors: dict[str, list[Text]] = field(default_factory=dict)

    def refuse(self, key: str, sentence: Text) -> None:
        said = self.errors.setdefault(key, [])
        if sentence not in said:
            said.append(sentence)


def read_form(sent: QueryDict, present: Mapping[str, TierDraft]) -> RulesForm:
    """Read what was sent; `present` are the tiers that there are, and codes beyond them make new ones."""
    form = RulesForm()
    codes = [
        code
        for code in dict.fromkeys(sent.getlist("order"))
        if code == slugify(code).replace("-", "_") and len(code) <= LONGEST_CODE
    ]
    ordered = [code for code in codes if code != FALLBACK] + [FALLBACK]
    for place, code in enumerate(ordered, 1):
        form.tiers.append(_tier(form, sent, code, place * STEP, present.get(code)))
    form.rfm = _rfm(form, sent)
    return form


def _tier(form: RulesForm, sent: QueryDict, code: str, position: int, before: TierDraft | None) -> TierDraft:
    def text(name: str) -> str:
        return sent.get(f"{code}.{name}", getattr(before, name, "") or "").strip()

    for name in ("name_zh", "name_en"):
        if not text(name):
            form.refuse(f"{code}.{name}", SENTENCES["name"])
    goal = text("goal") if text("goal") in {"", *Goal.values} else ""
    return TierDraft(
        code=code,
        position=position,
        name_zh=text("name_zh")[:40],
        name_en=text("name_en")[:60],
        strategy_zh=text("strategy_zh")[:200],
        strategy_en=text("strategy_en")[:200],
        goal=goal,
        goal_target=_number(form, f"{code}.goal_target", sent.get(f"{code}.goal_target", "")) if goal else None,
        is_active=code == FALLBACK or sent.get(f"{code}.is_active") == "1",
        criteria=() if code == FALLBACK else tuple(_criteria(form, sent, code)),
    )


def form_of(tiers: Sequence[TierDraft], rfm: RfmRule) -> RulesForm:
    """The rules in force, as they would be typed."""
    rows = {draft.code: [_typed_row(each) for each in draft.criteria] for draft in tiers}
    return RulesForm(tiers=list(tiers), rfm=rfm, rows=rows)


def typed(value: Decimal) -> str:
    """500, 12.5."""
    return f"{value.quantize(Decimal(1))}" if value == value.to_integral_value() else f"{value.normalize():f}"


def _typed_row(criterion: CriterionRule) -> TypedRow:
    window = "" if criterion.window_days is None else str(criterion.window_days)
    return TypedRow(criterion.measure, window, criterion.operator, typed(criterion.value), str(criterion.alternative))


def _criteria(form: RulesForm, sent: QueryDict, code: str) -> Iterator[CriterionRule]:
    columns = [sent.getlist(f"{code}.{name}") for name in TypedRow._fields]
    rows = [TypedRow(*cells) for cells in zip(*columns, strict=False)][:MOST_ROWS]
    form.rows[code] = rows
    for place, row in enumerate(rows):
        criterion = _criterion(form, f"{code}.criteria.{place}", row)
        if criterion is not None:
            yield criterion


def _criterion(form: RulesForm, key: str, row: TypedRow) -> CriterionRule | None:
    """One row, or None where its numbers are none; what the rules say against it alone stands beside it too."""
    value = _number(form, key, row.value, required=True)
    days = None if row.measure in UNWINDOWED else _days(form, key, row.window)
    if value is None or key in form.errors:
        return None
    group = whole_in(row.alternative, most=MOST_GROUPS)
    group = 1 if group is None else group
    found = CriterionRule(measure=row.measure, window_days=days, operator=row.operator, value=value, alternative=group)
    for problem in problems_of(Definitions(rfm=RfmRule(), tiers=(TierRule(code="one", criteria=(found,)),))):
        form.refuse(key, SENTENCES[problem.code])
    return found


def _days(form: RulesForm, key: str, text: str) -> int | None:
    """Empty means since the beginning."""
    cleaned = text.strip()
    if not cleaned:
        return None
    days = whole_in(cleaned, most=MOST_DAYS)
    if days is None:
        form.refuse(key, SENTENCES["window"])
    return days


def _number(form: RulesForm, key: str, text: str, *, required: bool = False) -> Decimal | None:
    cleaned = (
        text.strip().replace(",", "").replace("，", "").removeprefix("¥").removesuffix("%").replace("−", "-").strip()
    )
    if not cleaned:
        if required:
            form.refuse(key, _("A number is missing here."))
        return None
    try:
        value = Decimal(cleaned)
    except InvalidOperation:
        form.refuse(key, _("“%(text)s” is not a number.") % {"text": text.strip()[:20]})
        return None
    if not value.is_finite() or abs(value) >= Decimal(10) ** 12:
        form.refuse(key, SENTENCES["value"])
        return None
    return value


def _rfm(form: RulesForm, sent: QueryDict) -> RfmRule:
    method = "fixed" if sent.get("rfm.method") == "fixed" else "quintile"
    days = _days(form, "rfm.window_days", sent.get("rfm.window_days", ""))
    if days is None:
        form.refuse("rfm.window_days", SENTENCES["window"])
    values: dict[str, tuple[Any, ...]] = {}
    for name in THRESHOLDS:
        numbers = [_number(form, f"rfm.{name}", text) for text in sent.getlist(f"rfm.{name}") if text.strip()]
        values[name] = tuple(number for number in numbers if number is not None)
        if method == "fixed" and len(values[name]) != SCORES_WITH_THRESHOLD:
            form.refuse(f"rfm.{name}", SENTENCES["thresholds"])
    for name in ("recency_days", "frequency"):
        if any(number != int(number) for number in values[name]):
            form.refuse(f"rfm.{name}", SENTENCES["whole_number"])
        values[name] = tuple(int(number) for number in values[name])
    return RfmRule(window_days=days or 0, method=method, **values)


def blame(form: RulesForm, fields: Mapping[str, Any]) -> None:
    """Add what a service refused: by tier, or `rfm` for the score rule; said once where a row says it already."""
    for code, sentences in fields.items():
        said = [str(each) for key, errors in form.errors.items() if key.split(".")[0] == code for each in errors]
        for sentence in sentences:
            if not any(str(sentence).endswith(each) for each in said):
                form.refuse(code, sentence)
