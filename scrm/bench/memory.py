"""Memory of an import: the same rows once and four times over, each in a fresh process."""

import multiprocessing
import re
import resource
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connections

from intake.enums import ImportKind, Layout
from scrm.bench.database import empty
from scrm.bench.figures import Figure, at_most
from scrm.bench.importing import MEMBER_TABLES, PURCHASE_TABLES, generated_retail, import_file
from scrm.bench.options import Options

TIMES = 4
STATUS = Path("/proc/self/status")


def of_import(options: Options) -> Iterator[Figure]:
    """Flat: four times the file may cost a tenth more, for what the allocator keeps."""
    with TemporaryDirectory() as folder:
        peaks = []
        for copies in (1, TIMES):
            path = generated_retail(Path(folder) / f"{copies}.csv.gz", copies=copies)
            empty(*PURCHASE_TABLES, *MEMBER_TABLES)
            options.say(f"importing {path.stat().st_size / 1e6:.0f} MB of gzip")
            peaks.append(_peak_of_process(path))
    once, fourfold = peaks
    yield at_most(
        f"import of {TIMES} × the lines / of once", fourfold / once, 1.1, once_mb=round(once), fourfold_mb=round(fourfold)
    )


def peak_mb() -> float:
    """The most memory that this process has ever had resident."""
    if STATUS.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text())
        if found:
            return int(found[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _peak_of_process(path: Path) -> float:
    """A forked process knows the bench's database and keys, and begins with its own count of memory."""
    connections.close_all()
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_import_and_tell, args=(path, there))
    process.start()
    there.close()
    try:
        return float(here.recv())
    except EOFError:
        raise RuntimeError("the importing process ended without an answer") from None
    finally:
        process.join()


def _import_and_tell(path: Path, there: Connection) -> None:
    import_file(path, ImportKind.PURCHASES, Layout.ONLINE_RETAIL)
    connections.close_all()
    there.send(peak_mb())
