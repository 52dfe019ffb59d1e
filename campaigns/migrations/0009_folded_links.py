"""Codes of links are compared as those of activities are, so they are unique and found that way."""

from django.db import migrations, models

FOLDED = "normalize(upper(replace(normalize({}, NFKC), ' ', '') COLLATE \"C\"), NFKC) COLLATE \"default\""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0008_folded_codes")]

    operations = [
        migrations.AddConstraint(
            model_name="trackedlink",
            constraint=models.UniqueConstraint(
                models.Func("code", output_field=models.CharField(), template=FOLDED.format("%(expressions)s")),
                name="campaigns_link_code_folded",
            ),
        ),
    ]
