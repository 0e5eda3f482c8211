"""What ends a benchmark with a message rather than a traceback."""


class BenchmarkError(Exception):
    """Something that was to be measured could not be; the message says why."""
