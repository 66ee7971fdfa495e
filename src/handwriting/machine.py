"""What this process may use of the machine, and how it keeps quiet."""

import contextlib
import logging
import os
import warnings


def available_cores() -> int:
    """Cores this process may use, which a container or `taskset` can make fewer."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextlib.contextmanager
def quiet_loading():
    """Import Keras inside, and TensorFlow's notes on the machine stay out of a notebook.

    They are written to descriptor 2 by native code, whatever the log level, and later ones
    (on functions traced again, which training one network after another always does) by the
    logger `tensorflow`. Python's own warnings and errors still show.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    saved, silence = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(silence)
        logging.getLogger("tensorflow").setLevel(logging.ERROR)


@contextlib.contextmanager
def quiet_logging():
    """Keep Python warnings and log records up to WARNING of a chatty library to itself."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
