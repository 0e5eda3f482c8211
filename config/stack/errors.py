"""What keeps the stack from running in a way that its reader can put right."""


class StackError(Exception):
    """The stack cannot start, or cannot go on; the message says why and what to do."""
