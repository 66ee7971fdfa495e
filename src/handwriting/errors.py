"""Errors that a user can mend, and the one place where they become an exit status."""

import sys


class UserError(Exception):
    """A mistake the user can mend: one line with the file, the cause and the remedy.

    Scripts print the message without a traceback and exit with status 2.
    """


def run_script(main) -> None:
    """Call `main()` and leave the process with its status; a `UserError` prints one line."""
    try:
        status = main()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        status = 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        status = 130
    except BrokenPipeError:
        # The reader went away (`| head`): nothing is left to tell it.
        sys.stderr.close()
        status = 1
    sys.exit(status)
