"""Memory of an import: the same rows once and four times over, each in a fresh process."""

import multiprocessing
import re
import resource
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

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
            peaks.append(in_process(_import, path))
    once, fourfold = peaks
    yield at_most(
        f"import of {TIMES} × the lines / of once",
        fourfold / once,
        1.1,
        once_mb=round(once),
        fourfold_mb=round(fourfold),
    )


def peak_mb() -> float:
    """The most memory that this process has ever had resident."""
    if STATUS.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text())
        if found:
            return int(found[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def in_process(act: Callable[[Any], Any], given: Any) -> Any:
    """What `act(given)` answers, done in a forked process, which knows the bench's database and keys.

    It begins with its own count of memory, and what it allocates goes with it.
    """
    connections.close_all()
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_act_and_tell, args=(act, given, there))
    process.start()
    there.close()
    try:
        return here.recv()
    except EOFError:
        raise RuntimeError("the process that was measured ended without an answer") from None
    finally:
        process.join()


def _act_and_tell(act: Callable[[Any], Any], given: Any, there: Connection) -> None:
    for inherited in connections.all(initialized_only=True):
        inherited.connection = None  # belongs to the process before, and may lead to another database
    answer = act(given)
    connections.close_all()
    there.send(answer)


def _import(path: Path) -> float:
    import_file(path, ImportKind.PURCHASES, Layout.ONLINE_RETAIL)
    return peak_mb()
