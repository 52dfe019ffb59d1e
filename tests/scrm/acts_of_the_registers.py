"""The POSTs of registers, assessments, incidents and audit packs, for `test_acts_of_the_pages`."""

from django.urls import reverse
from django.utils import timezone

from compliance.models import ProcessingActivity, Recipient, WatchedRule
from compliance.services.incidents import open_incident
from compliance.services.pipia import begin, withdraw
from scrm.services.audit_packs import request_pack, run_pack
from tests.assessments import WORDS, assess
from tests.compliance.test_incidents import FACTS
from tests.compliance.test_register_pages import typed_incident
from tests.compliance.test_registers import ACTIVITY, CLOUD
from tests.scrm.acts_of_the_pages import Act, Cast, Maker, about, to

ENTRY = {name: str(value) for name, value in CLOUD.items()}
RULE = {"name_zh": "新规", "source": "网信办", "matters": "x", "every_days": "30", "is_watched": "on"}


def activity(cast: Cast) -> int:
    cast.client.post(reverse("compliance:activity_add"), ACTIVITY)
    return ProcessingActivity.objects.latest("pk").pk


def recipient(cast: Cast) -> int:
    cast.client.post(reverse("compliance:recipient_add"), ENTRY)
    return Recipient.objects.latest("pk").pk


def rule(_cast: Cast) -> int:
    return WatchedRule.objects.earliest("pk").pk


def assessment(_cast: Cast) -> int:
    """A draft behind one that was withdrawn."""
    assessed, now = assess("tiering"), timezone.now()
    assert assessed.approved_by
    withdraw(assessment=assessed, reason="again", by=assessed.approved_by, now=now)
    return begin(feature="tiering", by=None, now=now).pk


def incident(cast: Cast) -> int:
    return open_incident(values=FACTS, by=cast.admin, now=timezone.now()).pk


def listed(cast: Cast) -> Act:
    return Act(reverse("compliance:incident_act", args=(incident(cast), "list")), {"actor": ""})


def begun(cast: Cast) -> Act:
    return Act(reverse("compliance:activity_act", args=(activity(cast), "begin")))


def recipient_begun(cast: Cast) -> Act:
    assess("entrusting")
    number = recipient(cast)
    return Act(reverse("compliance:recipient_act", args=(number, "begin")))


def pack(cast: Cast) -> int:
    made = request_pack(reason="yearly", by=cast.admin, now=timezone.now())
    run_pack(pack_id=made.pk, now=timezone.now())
    return made.pk


def new_assessment(_cast: Cast) -> Act:
    assessed = assess("tiering")
    assert assessed.approved_by
    withdraw(assessment=assessed, reason="again", by=assessed.approved_by, now=timezone.now())
    return Act(reverse("compliance:assessment_begin", args=("tiering",)))


REGISTER_ACTS: dict[str, Maker] = {
    "compliance:activity": about("compliance:activity", activity, {**ACTIVITY, "purpose": "抽奖与发奖"}),
    "compliance:activity_act": begun,
    "compliance:activity_add": to("compliance:activity_add", ACTIVITY),
    "compliance:assessment": about("compliance:assessment", assessment, {**WORDS, "impact": "小", "act": "write"}),
    "compliance:assessment_begin": new_assessment,
    "compliance:duty_done": lambda _cast: Act(
        reverse("compliance:duty_done", args=(1_000_000,)), {"note": "报送了负责人"}
    ),
    "compliance:incident": about("compliance:incident", incident, typed_incident(harm="诈骗电话")),
    "compliance:incident_act": listed,
    "compliance:incident_add": to("compliance:incident_add", typed_incident()),
    "compliance:recipient": about("compliance:recipient", recipient, {**ENTRY, "purpose": "备份"}),
    "compliance:recipient_act": recipient_begun,
    "compliance:recipient_add": to("compliance:recipient_add", ENTRY),
    "compliance:rule_check": about("compliance:rule_check", rule, {"finding": "unchanged"}),
    "compliance:watched_rule": about("compliance:watched_rule", rule, {**RULE, "owner": ""}),
    "compliance:watched_rule_add": to("compliance:watched_rule_add", RULE),
    "scrm:audit_pack_ask": to("scrm:audit_pack_ask", {"reason": "yearly"}),
    "scrm:audit_pack_download": about("scrm:audit_pack_download", pack),
}
