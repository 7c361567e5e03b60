"""A mail server beside Odoo, which takes every message and keeps none."""

import os
import socket
import time
from contextlib import contextmanager

from environment import process
from environment.configuration import HOST, any_port
from environment.console import Failure
from environment.python_packages import Packages

SECONDS_TO_ANSWER = 20


@contextmanager
def running():
    """Have a mail server that Odoo, in this process, sends all its e-mails to.

    It is a process of its own, so that it takes no time from the one that is measured.
    """
    packages = Packages("requirements-bench.txt").ensure()
    port = any_port()
    command = [
        packages.program("aiosmtpd"),
        *("--nosetuid", "--listen", f"{HOST}:{port}"),
        *("--class", "aiosmtpd.handlers.Sink"),
    ]
    with process.started(command, dict(os.environ, PYTHONPATH="")) as child:
        _await(child, port)
        with _sending_to(port):
            yield


def _await(child, port):
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while True:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError as error:
            if child.poll() is not None or time.monotonic() > deadline:
                raise Failure("The mail server does not answer.") from error
            time.sleep(0.1)


@contextmanager
def _sending_to(port):
    from odoo.tools import config

    before = {name: config[name] for name in ("smtp_server", "smtp_port")}
    config["smtp_server"], config["smtp_port"] = HOST, port
    try:
        yield
    finally:
        for name, value in before.items():
            config[name] = value
