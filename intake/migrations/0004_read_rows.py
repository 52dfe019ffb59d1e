from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0003_statistics")]
    operations = [
        migrations.AddField(model_name="importjob", name="read_rows", field=models.BigIntegerField(default=0)),
    ]
