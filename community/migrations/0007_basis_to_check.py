"""The note of the seeded draft names the regulation; which article carries it, those who put it in force look up."""

from typing import Any

from django.db import migrations

NAME = "客户群的秩序维护"
FROM_MEMORY = "《互联网群组信息服务管理规定》第九条：群组建立者、管理者的管理责任"
TO_CHECK = "《互联网群组信息服务管理规定》：群组建立者、管理者的管理责任（生效前请法务核对具体条款）"


def say(apps: Any, _editor: Any) -> None:
    """What somebody changed or put in force stays as it is."""
    entries = apps.get_model("compliance", "ProcessingActivity").objects
    entries.filter(name_zh=NAME, state="draft", basis_note=FROM_MEMORY).update(basis_note=TO_CHECK)


class Migration(migrations.Migration):
    dependencies = [("community", "0006_ledger_guards"), ("compliance", "0030_registers")]

    operations = [migrations.RunPython(say, migrations.RunPython.noop)]
