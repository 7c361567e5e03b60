"""Programs started on the contributor's behalf, and ended with them."""

import os
import signal
import subprocess
from contextlib import contextmanager

SECONDS_TO_END = 20


@contextmanager
def started(command, environment, **options):
    """Start ``command`` and see to it that it has ended afterwards.

    It has a session of its own, so that Ctrl-C reaches it once: through us. What
    it leaves behind is killed.
    """
    child = subprocess.Popen(
        list(map(str, command)), env=environment, start_new_session=True, **options
    )
    try:
        yield child
    except BaseException:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            pass
        raise
    finally:
        _kill_session(child)


def _kill_session(leader):
    try:
        os.killpg(leader.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    leader.wait()


def run(command, environment, **options):
    """Run ``command`` to its end and return its exit code."""
    with started(command, environment, **options) as child:
        return child.wait()


def lines(command, environment):
    """Run ``command``, yield what it prints line by line, and return its exit code."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with started(command, environment, text=True, errors="replace", **pipes) as child:
        yield from child.stdout
        return child.wait()


def interact(command, environment):
    """Run ``command`` at the contributor's terminal and return its exit code.

    The terminal sends Ctrl-C to the program itself, so we take no notice of it.
    """
    child = subprocess.Popen(list(map(str, command)), env=environment)
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        raise
    finally:
        signal.signal(signal.SIGINT, previous)
