import logging

from psycopg2 import InterfaceError, OperationalError

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

#: How often a scheduled action begins again where others came first.
TRIES = 3


def attempt(env, action, *args):
    """Call `action` with `args`, and take back what it did if it fails.

    :return: the error, or None
    :raise OperationalError: where the whole transaction has to be tried again, after a
        serialization failure or a lost connection. A text that is too long for an
        index, a query that takes too long: these would come again, and are errors of
        `action`
    """
    try:
        with env.cr.savepoint():
            action(*args)
    except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, InterfaceError):
        raise
    except Exception as error:
        if type(error) is OperationalError:
            raise  # by the driver: what the server says has a class of its own
        env.invalidate_all(flush=False)
        return error
    return None


def carry_out(env, action, *args):
    """Call `action` with `args` in a transaction of its own, and again in a new one
    where another transaction came first: what a scheduled action does of its work at a
    time. The caller commits right before, and after it.

    :return: what `action` returns; None: others came first each time
    """
    for _try in range(TRIES):
        try:
            result = action(*args)
            env.flush_all()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY as error:
            env.cr.rollback()
            _logger.info("%s: another transaction came first: %s", action, error)
        else:
            return result
    return None
