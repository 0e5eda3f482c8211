"""Run the stack, or stop the one that runs."""

import os
import sys

from config.embedded.errors import EmbeddedServiceError
from config.stack.errors import StackError
from config.stack.lock import stack_lock, stop_stack
from config.stack.options import read_options
from config.stack.preflight import (
    check_dashboard,
    check_home,
    check_host,
    check_python,
    check_secret_key,
)
from config.stack.run import run_stack
from config.stack.signals import Interrupted, StopRequest
from config.stack.terminal import say


def main() -> int:
    """Run or stop the stack; return the exit code, 1 after one clear line about what is wrong."""
    arguments = sys.argv[1:]
    if arguments not in ([], ["stop"]):
        print("usage: python -m config.stack [stop]", file=sys.stderr)
        return 2
    stop = StopRequest()
    try:
        check_python()
        options = read_options(os.environ)
        if arguments:
            stop_stack(options)
            return 0
        stop.listen()
        check_dashboard()
        check_secret_key(options)
        check_host(options)
        check_home(options)
        with stack_lock(options.home):
            run_stack(options, stop)
    except Interrupted:
        say("Stopped.")
    except (StackError, EmbeddedServiceError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
