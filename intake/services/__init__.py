"""Every write of the imports: jobs, reading into staging, storing, tidying up."""

from intake.services.jobs import (
    QUEUE,
    TASK,
    cancel_import,
    configure_import,
    create_import,
    enqueue_import,
    note_rejects_taken,
    receive_upload,
)
from intake.services.running import run_import, run_import_and_follow
from intake.services.tidying import move_uploads, tidy_imports

__all__ = [
    "QUEUE",
    "TASK",
    "cancel_import",
    "configure_import",
    "create_import",
    "enqueue_import",
    "move_uploads",
    "note_rejects_taken",
    "receive_upload",
    "run_import",
    "run_import_and_follow",
    "tidy_imports",
]
