"""What each program begins and ends with."""

import contextlib
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from e2e.harness.checks import Failure

ROOT = Path(__file__).resolve().parents[2]


def main(work):
    """Ends with the exit status of the work, with 1 and a word when it fails; SIGTERM, too, stops what was started."""
    os.umask(0o022)  # PostgreSQL runs as another user when we are root
    signal.signal(signal.SIGTERM, terminated)
    try:
        sys.exit(work())
    except Failure as failure:
        print(f"FAILED: {failure}", file=sys.stderr, flush=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def terminated(*_):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one would leave the rest running
    sys.exit(143)


@contextlib.contextmanager
def work_folder(name, parent=None, keep=False):
    """A folder of its own for logs and data, which other users may look into."""
    folder = Path(tempfile.mkdtemp(prefix=f"sluice-{name}-", dir=parent))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        if keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
