"""The message queue of an installation without Redis or RabbitMQ: plain tables and functions in the schema `pgmq`.

Made also where another broker is in use: it costs nothing, and the choice stays a setting.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from pgmq import install

from core import roles

QUEUES = ("priority", "default", "bulk")
GRANTS = """
GRANT USAGE ON SCHEMA pgmq TO {role};
GRANT SELECT ON ALL TABLES IN SCHEMA pgmq TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA pgmq TO {role};
"""
GRANT_QUEUE = "GRANT INSERT, UPDATE, DELETE, TRUNCATE ON pgmq.q_{queue}, pgmq.a_{queue} TO {role};"


def make_queues(_apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pgmq.meta') IS NOT NULL")
        if not cursor.fetchone()[0]:
            cursor.execute(install.get_embedded_install_sql())
        for queue in QUEUES:
            cursor.execute("SELECT pgmq.create(%s)", [queue])
    if roles.has_two_roles():
        role = editor.quote_name(roles.runtime_role())
        editor.execute(GRANTS.format(role=role))
        for queue in QUEUES:
            editor.execute(GRANT_QUEUE.format(queue=queue, role=role))


def drop_queues(_apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    editor.execute("DROP SCHEMA IF EXISTS pgmq CASCADE")


class Migration(migrations.Migration):
    initial = True
    dependencies = [("core", "0001_roles")]
    operations = [migrations.RunPython(make_queues, drop_queues)]
