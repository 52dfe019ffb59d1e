"""Every write of the imports: jobs, reading into staging, storing, tidying up."""

from intake.services.jobs import cancel_import, configure_import, create_import, enqueue_import, receive_upload
from intake.services.running import run_import
from intake.services.tidying import tidy_imports

__all__ = [
    "cancel_import",
    "configure_import",
    "create_import",
    "enqueue_import",
    "receive_upload",
    "run_import",
    "tidy_imports",
]
