"""Merges of records, likely duplicates, and the guard that a merged record leads to its owner in one step."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Looked at when the transaction ends: a merge leads several records on, one after the other. Rows that are not merged,
# which nearly all are, never come here.
ONE_STEP = """
CREATE FUNCTION members_one_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner bigint;
BEGIN
    SELECT merged_into_id INTO owner FROM members_member WHERE id = NEW.id;
    IF owner IS NOT NULL AND (
        EXISTS (SELECT FROM members_member WHERE id = owner AND merged_into_id IS NOT NULL)
        OR EXISTS (SELECT FROM members_member WHERE merged_into_id = NEW.id)
    ) THEN
        RAISE EXCEPTION 'member % is merged in two steps', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER members_one_step AFTER INSERT OR UPDATE OF merged_into_id ON members_member
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL)
    EXECUTE FUNCTION members_one_step();
"""
TWO_STEPS = "DROP TRIGGER members_one_step ON members_member; DROP FUNCTION members_one_step();"


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0004_reveal"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DuplicatePair",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "signs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("phone", "the same phone number"),
                                ("email", "the same e-mail address"),
                                ("unionid", "the same WeChat unionid"),
                                ("openid", "the same WeChat openid"),
                                ("external_userid", "the same WeCom customer id"),
                                ("card", "the same membership card"),
                                ("profile", "the same name, birthday and city"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                        verbose_name="what speaks for it",
                    ),
                ),
                ("is_strong", models.BooleanField(default=False, verbose_name="strong")),
                ("found_at", models.DateTimeField(verbose_name="found")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="found to be two people")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.member",
                        verbose_name="member",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.member",
                        verbose_name="other record",
                    ),
                ),
            ],
            options={
                "verbose_name": "likely duplicate",
                "verbose_name_plural": "likely duplicates",
                "ordering": ("-is_strong", "-id"),
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("decided_at", None)), fields=["-is_strong", "-id"], name="members_pair_open"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="members_pair_in_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_at__isnull", False), ("decided_by__isnull", True), _connector="OR"
                        ),
                        name="members_pair_decided",
                    ),
                    models.UniqueConstraint(fields=("first", "second"), name="members_pair_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Merging",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="merged at")),
                ("reason", models.CharField(max_length=300, verbose_name="why")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="un-merged at")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="merged by",
                    ),
                ),
                (
                    "into",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.member",
                        verbose_name="merged into",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mergings",
                        to="members.member",
                        verbose_name="member",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="un-merged by",
                    ),
                ),
            ],
            options={
                "verbose_name": "merge",
                "verbose_name_plural": "merges",
                "ordering": ("-id",),
                "permissions": (("merge_member", "Can merge members and take merges back"),),
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("member", models.F("into")), _negated=True), name="members_merging_of_two"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("undone_at__isnull", False), ("undone_by__isnull", True), _connector="OR"),
                        name="members_merging_undone",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)), fields=("member",), name="members_merging_once"
                    ),
                ],
            },
        ),
        migrations.RunSQL(ONE_STEP, TWO_STEPS),
    ]
