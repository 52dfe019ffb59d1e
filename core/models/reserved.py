"""A migration operation for functions that run with their owner's rights."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core import roles


def reserve_functions(*signatures: str) -> migrations.RunPython:
    """Put after the functions' creation: PostgreSQL lets every login call a new function, these only the run-time role.

    A signature names the argument types: `intake_close_staging(bigint)`.
    """

    def reserve(_apps: object, editor: BaseDatabaseSchemaEditor) -> None:
        for signature in signatures:
            editor.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
            editor.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {editor.quote_name(roles.runtime_role())}")

    return migrations.RunPython(reserve, migrations.RunPython.noop)
