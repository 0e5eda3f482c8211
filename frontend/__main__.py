"""Build or check the packages for browsers: `make frontend`, and a part of `make lint`."""

import sys

from frontend.errors import FrontendError
from frontend.packages import PACKAGES, build, install, prepare, run

COMMANDS = ("build", "check")


def main() -> int:
    """Do what is asked for; the exit code is 1 after what went wrong, and 2 for no such command."""
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        print(f"usage: python -m frontend [{'|'.join(COMMANDS)}]", file=sys.stderr)
        return 2
    try:
        if sys.argv[1] == "build":
            install()
            build()
        else:
            prepare()
            for package in PACKAGES:
                run(package, "check")
    except FrontendError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
