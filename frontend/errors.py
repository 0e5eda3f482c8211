"""What keeps the packages from being built or checked."""


class FrontendError(Exception):
    """A step failed; the message says which, and what to do."""
