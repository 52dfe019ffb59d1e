"""`import_consents FILE`: what members agreed to, with its history, from a text table or workbook."""

from intake.enums import ImportKind
from intake.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Import consents, with their history, from a file; prints what was read, stored and rejected."
    kind = ImportKind.CONSENTS
