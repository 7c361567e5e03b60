"""Odoo's configuration file, one for each program that is started."""

import configparser
import socket
import tempfile

from . import cache
from .console import Failure

PORT = 8069
HOST = "127.0.0.1"


def write(folder, settings, server):
    """Write a configuration file to ``folder`` and return its path.

    :param settings: what goes into it besides the usual
    :param server: the PostgreSQL server, as environment variables
    """
    usual = {
        "http_interface": HOST,
        "http_port": settings.get("http_port") or free_port(),
        "list_db": False,
        "screenshots": cache.folder() / "screenshots",
        # Nobody listens there: no e-mail of a demonstration reaches anybody.
        "smtp_server": HOST,
        "smtp_port": 9,
    }
    if server:
        usual |= {"db_host": server["PGHOST"], "db_user": server["PGUSER"]}
    parser = configparser.RawConfigParser()
    options = {**usual, **settings}
    parser["options"] = {name: str(value) for name, value in options.items()}
    with tempfile.NamedTemporaryFile(
        "w", dir=folder, suffix=".conf", delete=False
    ) as file:
        parser.write(file)
    return file.name


def is_free(port):
    """Return whether a program may listen at ``port``."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port():
    """Return Odoo's usual port, another if somebody listens there."""
    return PORT if is_free(PORT) else any_port()


def any_port():
    """Return a port at which nobody listens."""
    with socket.socket() as listener:
        try:
            listener.bind((HOST, 0))
        except OSError as error:
            raise Failure("This machine has no free port.") from error
        return listener.getsockname()[1]
