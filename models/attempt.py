from psycopg2 import OperationalError


def attempt(env, action, *args):
    """Call `action` with `args`, and take back what it did if it fails.

    :return: the error, or None
    :raise OperationalError: such as a serialization failure: the whole transaction is
        tried again
    """
    try:
        with env.cr.savepoint():
            action(*args)
    except OperationalError:
        raise
    except Exception as error:
        env.invalidate_all(flush=False)
        return error
    return None
