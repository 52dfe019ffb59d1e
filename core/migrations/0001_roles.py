"""What the run-time role may do with every table and sequence.

Those that stand already are granted by name, those to come by default privileges: the order among the apps'
migrations does not matter.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core import roles
from core.models.evidence import evidence_functions

GRANTS = """
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role};
"""


def grant(_apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    if roles.has_two_roles():
        editor.execute(GRANTS.format(role=editor.quote_name(roles.runtime_role())))


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunPython(grant, migrations.RunPython.noop), evidence_functions()]
