"""How backups and drills stand."""

from dataclasses import dataclass

from core.reading import read_once
from scrm.models import BackupRun


@dataclass(frozen=True, kw_only=True)
class LatestRuns:
    """The latest backup and the latest drill, and of each the latest that went well."""

    backup: BackupRun | None
    good_backup: BackupRun | None
    drill: BackupRun | None
    good_drill: BackupRun | None


@read_once
def latest_runs() -> LatestRuns:
    return LatestRuns(
        backup=_latest(BackupRun.Act.BACKUP),
        good_backup=_latest(BackupRun.Act.BACKUP, ok=True),
        drill=_latest(BackupRun.Act.DRILL),
        good_drill=_latest(BackupRun.Act.DRILL, ok=True),
    )


def _latest(act: BackupRun.Act, **only: bool) -> BackupRun | None:
    return BackupRun.objects.filter(act=act, **only).order_by("-id").first()
