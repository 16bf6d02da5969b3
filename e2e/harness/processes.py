"""Other programs: run to their end, or beside us and ended with us."""

import contextlib
import os
import shutil
import subprocess

from e2e.harness.checks import Failure


def run(*command, check=True, env=None, timeout=None, **options):
    """Runs it to its end, with these variables beside our own; when it fails, so does this, with its last words."""
    command = [str(part) for part in command]
    options = {"text": True, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    try:
        done = subprocess.run(command, env={**os.environ, **(env or {})}, timeout=timeout, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure(f"{' '.join(command)}: {error}") from error
    if check and done.returncode:
        words = "\n".join(str(text).strip() for text in (done.stdout, done.stderr) if text)
        raise Failure(f"{' '.join(command)} ended with {done.returncode}:\n{words[-4000:]}")
    return done


def program(name):
    """Its path; daemons may be where only root looks."""
    path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if not path:
        raise Failure(f"{name} is not installed")
    return path


def start(*command, log, out=None, **options):
    """Starts it beside us, with what it says in the log, or its output in a file of its own."""
    with log.open("ab") as errors, (out or log).open("ab") as output:
        return subprocess.Popen([str(part) for part in command], stdout=output, stderr=errors, **options)


def end(process, seconds=30):
    """By SIGTERM; by force when it takes longer, which is told."""
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        print(f"{process.args[0]} did not end within {seconds} s of SIGTERM and was killed", flush=True)
        process.kill()
        process.wait()


@contextlib.contextmanager
def running(*command, log, **options):
    """Started, and ended with the block."""
    process = start(*command, log=log, **options)
    try:
        yield process
    finally:
        end(process)


class Started:
    """What is started and stopped with a `with` block; what is left of a start that fails is stopped, too."""

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
