"""What keeps a backup from being made or read, in sentences for whoever started the program."""

from core.errors import ScrmError


class BackupRefused(ScrmError):
    """It was not begun, or given up without leaving anything behind."""

    code = "backup_refused"


class ArchiveBroken(ScrmError):
    """The file is not what was written: cut off, changed, or no backup at all."""

    code = "backup_broken"
