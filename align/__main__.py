"""`python -m align` is the command `align`, which Ctrl-C stops quietly while it is imported and as it ends, too."""

import os
import signal
import sys


def main() -> None:
    """Run the command line and exit with its code, 130 after Ctrl-C."""
    heeded = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # a shell's background jobs ignore it
    if heeded:
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))  # there is nothing to clean up yet
    from align import cli

    try:
        if heeded:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        cli.main()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        if heeded:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python would say where it was as it ended


if __name__ == "__main__":
    main()
