"""Codes are kept as they are compared. Of two that turn out to be one, the activity that was there first keeps it."""

from django.db import migrations, models

FOLDED = "normalize(upper(replace(normalize({}, NFKC), ' ', '') COLLATE \"C\"), NFKC) COLLATE \"default\""
# Orders that wrote a code in another way are credited by the worker who is asked here.
FOLD = (
    f"""
    DELETE FROM campaigns_activitycode AS later USING campaigns_activitycode AS first
    WHERE {FOLDED.format("later.code")} = {FOLDED.format("first.code")}
        AND (later.activity_id, later.code) > (first.activity_id, first.code)
    """,  # noqa: S608  # the text is ours
    f"UPDATE campaigns_activitycode SET code = {FOLDED.format('code')} WHERE code <> {FOLDED.format('code')}",  # noqa: S608
    """
    UPDATE campaigns_activity AS activity SET credit_asked_at = now() WHERE started_at IS NOT NULL
        AND EXISTS (SELECT FROM campaigns_activitycode AS held WHERE held.activity_id = activity.id)
    """,
)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0007_cancelled_let_go")]

    operations = [
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in FOLD),
        migrations.AddConstraint(
            model_name="activitycode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    code=models.Func("code", output_field=models.CharField(), template=FOLDED.format("%(expressions)s"))
                ),
                name="campaigns_code_folded",
            ),
        ),
    ]
