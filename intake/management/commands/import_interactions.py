"""`import_interactions FILE`: interactions from a text table or workbook."""

from intake.enums import ImportKind
from intake.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Import interactions from a file; prints what was read, stored and rejected."
    kind = ImportKind.INTERACTIONS
