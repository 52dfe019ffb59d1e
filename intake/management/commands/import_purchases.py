"""`import_purchases FILE`: purchases from a text table or workbook."""

from intake.enums import ImportKind, Layout
from intake.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Import purchases from a file; prints what was read, stored and rejected."
    kind = ImportKind.PURCHASES
    layouts = (Layout.ONLINE_RETAIL, Layout.CSV, Layout.XLSX)
