"""What a row was before: kept whoever changes it, without personal values, and nobody rewrites it."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry, RowHistory
from audit.selectors import past_of
from audit.services import Target, record
from core.models import BlindIndexField, EncryptedTextField
from members.models import Member
from segments.models import Tier
from tests.brand import administrator, signed_in

pytestmark = pytest.mark.django_db
PERSONAL = {
    "name",
    "name_key",
    "birthday",
    "gender",
    "lookup",
    "sealed",
    "password",
    "email",
    "first_name",
    "last_name",
}
PERSONAL_TABLES = ("members.", "accounts.User")


def event_models() -> list[type[RowHistory]]:
    return [model for model in apps.get_models() if issubclass(model, RowHistory)]


def test_tracked_are_the_tables_where_it_matters() -> None:
    tracked = {model.pgh_tracked_model._meta.label for model in event_models()}
    assert tracked == {
        *("accounts.User", "accounts.ApiKey", "members.Member", "members.Identity"),
        *("segments.Tier", "segments.TierCriterion", "segments.RfmConfig"),
        *("compliance.ContactSettings", "compliance.ChannelRule", "compliance.RightsSettings"),
        *("compliance.RetentionRule", "compliance.LegalHold", "compliance.Notice", "compliance.ContactStatus"),
        *("community.GroupType", "community.Group", "community.Koc", "community.LevelRule"),
    }


def test_no_personal_value_is_kept() -> None:
    for model in event_models():
        fields = [field for field in model._meta.concrete_fields if not field.name.startswith("pgh_")]
        if model.pgh_tracked_model._meta.label.startswith(PERSONAL_TABLES):
            assert PERSONAL.isdisjoint(field.name for field in fields), model
        assert not [field for field in fields if isinstance(field, EncryptedTextField | BlindIndexField)]


def test_raw_sql_leaves_what_was_before() -> None:
    member = Member.objects.create(name="王明", channel="store")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE members_member SET channel = 'app', name = '王小明' WHERE id = %s", [member.pk])
        cursor.execute("UPDATE members_member SET name = '王' WHERE id = %s", [member.pk])
    events = apps.get_model("members.MemberHistory").objects
    assert [(row.pgh_label, row.channel) for row in events.filter(pgh_obj_id=member.pk)] == [("update", "store")]


def test_bulk_update_and_delete_leave_a_row_each() -> None:
    tiers = Tier.objects.count()
    Tier.objects.update(goal_target="5")
    events = apps.get_model("segments.TierHistory").objects
    assert (events.count(), events.filter(goal_target="5").count()) == (tiers, 0)


@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET pgh_label = ''", "DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}"]
)
def test_history_is_not_rewritten(statement: str) -> None:
    for model in event_models():
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(model._meta.db_table))


def test_history_names_the_act_of_its_transaction() -> None:
    admin = administrator()
    user = User.objects.create(username="wang", role=Role.GUIDE)
    User.objects.filter(pk=user.pk).update(role=Role.MARKETER)
    entry = record(by=admin, action="accounts.change_role", obj=user, reason="promoted")
    (past,) = past_of(entry)
    assert (past.fields["role"], past.fields["is_active"], past.entry) == (Role.GUIDE, True, entry)
    page = signed_in(admin, "en").get(reverse("admin:audit_auditentry_change", args=[entry.pk])).content.decode()
    assert "What it was before" in page
    assert "accounts.change_role" in page


def test_object_that_is_not_tracked_has_no_past() -> None:
    record(by=None, action="a")
    assert past_of(AuditEntry.objects.get()) == []


def test_settings_and_notices_of_compliance_have_a_past() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE compliance_channelrule SET most = 1 WHERE channel = 'sms'")
        cursor.execute("UPDATE compliance_notice SET summary = 'x', texts = '{}' WHERE state = 'draft'")
    target = Target(object_type="compliance.channelrule", object_id="sms")
    (past,) = past_of(record(by=None, action="compliance.look", obj=target))
    assert (past.fields["most"], past.fields["is_used"]) == (2, True)
    texts = apps.get_model("compliance.NoticeHistory").objects.get().texts
    assert texts["zh-hans"]
