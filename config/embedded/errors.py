"""What goes wrong with the embedded servers in a way that its reader can put right."""


class EmbeddedServiceError(Exception):
    """An embedded service cannot start, stop or be reached; the message says what to do."""
