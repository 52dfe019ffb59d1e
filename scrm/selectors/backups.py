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
    found = BackupRun.objects.defer("report").order_by("act", "ok", "-id").distinct("act", "ok")
    runs = {(run.act, run.ok): run for run in found}

    def latest(act: BackupRun.Act) -> BackupRun | None:
        return max((run for (of, _ok), run in runs.items() if of == act), key=lambda run: run.pk, default=None)

    return LatestRuns(
        backup=latest(BackupRun.Act.BACKUP),
        good_backup=runs.get((BackupRun.Act.BACKUP.value, True)),
        drill=latest(BackupRun.Act.DRILL),
        good_drill=runs.get((BackupRun.Act.DRILL.value, True)),
    )
