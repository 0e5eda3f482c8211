"""One moment at which everything is read, while pulses go on coming in."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """Every read inside sees the database of one moment; nothing can be written.

    Inside another transaction it sees what that one sees. Until it ends, no partition of the ledger
    is dropped: its pulses would be gone from older snapshots as well, and the subtotals that stand
    for them would not be there yet.
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        with connection.cursor() as cursor:
            if is_outermost:
                cursor.execute("set transaction isolation level repeatable read, read only")
            # Before the first read, which is the moment.
            cursor.execute("lock table tracking_pulse in access share mode")
        yield
