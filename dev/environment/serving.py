"""An Odoo that answers in a browser, one for each clone at a time."""

import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from . import addon, cache, configuration, console, process

SECONDS_TO_ANSWER = 120


class Serving:
    """The place a clone serves at, held while it serves.

    :param port: where Odoo is to listen
    """

    def __init__(self, port):
        self.port = port
        self.note = cache.folder() / "locks" / f"serving-{addon.clone_key()}"

    @contextmanager
    def held(self):
        """Hold the place, or say who holds it and what to do."""
        self.note.parent.mkdir(exist_ok=True)
        with self.note.open("a+") as note:
            if not cache.try_lock(note):
                running = address(self.note.read_text())
                raise console.Failure(f"This clone serves already: {running}")
            if not configuration.is_free(self.port):
                raise console.Failure(
                    f"Port {self.port} is taken by another program: choose one with "
                    "--port."
                )
            note.truncate(0)
            note.write(str(self.port))
            note.flush()
            yield

    def run(self, command, environment, ready, stays=True):
        """Run the server ``command``, call ``ready()`` once it answers, and return
        its exit code; that of ``ready()`` if the server does not stay afterwards."""
        with process.started(command, environment) as child:
            deadline = time.monotonic() + SECONDS_TO_ANSWER
            while child.poll() is None and not self._answers():
                if time.monotonic() > deadline:
                    raise console.Failure(
                        f"{address(self.port)} does not answer; see the log above."
                    )
                time.sleep(0.2)
            if child.poll() is None:
                code = ready()
                if not stays:
                    return code
            return child.wait()

    def _answers(self):
        try:
            with urllib.request.urlopen(f"{address(self.port)}/web/login", timeout=60):
                return True
        except (urllib.error.URLError, OSError):
            return False


def address(port):
    return f"http://localhost:{port}"
