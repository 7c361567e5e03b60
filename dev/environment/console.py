"""What a contributor sees while a command prepares: a line a step, with its time.

Everything goes to standard error, so that standard output stays the command's own.
"""

import signal
import sys
import time
from contextlib import contextmanager

SECONDS_BETWEEN_DETAILS = 5


class Failure(Exception):
    """Something the contributor can mend; the message says how."""


class Step:
    """One piece of preparation that takes a while."""

    def __init__(self, text):
        self.text = text
        self.started = self.told = time.monotonic()
        self.failed = False

    def detail(self, text):
        """Tell how far the step is, every few seconds at most."""
        if time.monotonic() - self.told >= SECONDS_BETWEEN_DETAILS:
            self.told = time.monotonic()
            say(f"  {text}")

    @property
    def seconds(self):
        return time.monotonic() - self.started


def say(text):
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(text):
    """Announce ``text``, and afterwards how many seconds it took."""
    current = Step(text)
    say(f"… {text}")
    try:
        yield current
    except BaseException:
        current.failed = True
        raise
    finally:
        say(f"{'✗' if current.failed else '✓'} {text}: {current.seconds:.1f} s")


def _interrupt(_signal_number, _frame):
    # A request to end unwinds the stack like Ctrl-C, so that each part that was
    # started is ended by whoever started it.
    raise KeyboardInterrupt


def main(command, arguments):
    """Run ``command(arguments)`` as a program and exit with what it returns."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    for name in ("SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), _interrupt)
    try:
        sys.exit(command(arguments))
    except Failure as failure:
        say(f"✗ {failure}")
        sys.exit(1)
    except KeyboardInterrupt:
        say("✗ Interrupted.")
        sys.exit(130)
