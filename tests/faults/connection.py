"""HTTP connections to servers of this machine."""

from typing import Any

import httpx


def local_client(**options: Any) -> httpx.Client:
    """A client that asks no proxy of the environment and reads no certificates.

    The latter take longer to read than a request takes.
    """
    return httpx.Client(trust_env=False, verify=False, **options)
