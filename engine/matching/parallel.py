"""Plain computing on a second processor.

Python computes on one processor at a time, so half of the work goes to a copy of this
process. It is forked, not started anew: it has everything at hand that this one has,
what other addons have registered included, and nothing but the result travels.
"""

import gc
import logging
import multiprocessing
import os
import signal
import sys
import warnings

_logger = logging.getLogger(__name__)

#: Items that are worth a copy of the process, which takes a hundredth of a second.
WORTHWHILE = 2_000
#: Seconds to wait for the copy once this process is done with its own half.
PATIENCE = 60


def halves(function, items):
    """Compute ``function`` of two halves of a list, at the same time if possible.

    The function must do nothing but compute: the copy has the open files and database
    connections of this process, and must not touch them. What it returns must be
    picklable. If the copy fails, or is killed, its half is computed here.

    :param function: of a list of items
    :return: [its result of the first half, its result of the second half]

    >>> halves(sum, [1, 2, 3, 4])
    [3, 7]
    """
    middle = len(items) // 2
    first, second = items[:middle], items[middle:]
    if len(items) < WORTHWHILE or not _has_second_processor():
        return [function(first), function(second)]
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    copy = context.Process(target=_send, args=(sender, function, second), daemon=True)
    try:
        _start(copy)
    except OSError as error:  # no memory, no process to be had
        _logger.warning("Computing on one processor: %s", error)
        return [function(first), function(second)]
    sender.close()
    try:
        return [function(first), _receive(receiver, function, second)]
    finally:
        copy.kill()  # which has ended by now, unless something went wrong
        copy.join()
        receiver.close()


def _has_second_processor():
    """Say whether there is one, on a system where a process may be forked."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


def _start(copy):
    with warnings.catch_warnings():
        # Python warns of locks that other threads hold at this moment. Computing takes
        # none of them; and if it did, nobody would wait for ever.
        warnings.simplefilter("ignore", DeprecationWarning)
        copy.start()


def _send(sender, function, items):
    """What the copy does."""
    gc.disable()  # garbage may hold a connection, which would be closed for both
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process says when to end
    sender.send(function(items))


def _receive(receiver, function, items):
    """Return what the copy sends, or compute it."""
    try:
        if receiver.poll(PATIENCE):
            return receiver.recv()
        reason = f"no answer within {PATIENCE} s"
    except EOFError:
        reason = "it has ended without a result"
    _logger.warning("Computing what a copy of this process did not: %s.", reason)
    return function(items)
