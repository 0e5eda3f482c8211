"""CSV files for spreadsheets: written to the end before the first byte of them is sent.

The server ends a response that breaks off as if it were whole. A file that is complete, with its
length known, is either all there or visibly cut; and no reader, however slow, holds the database.
"""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import IO, Any

from analytics.encoding import plain
from config.problems import Unavailable

# A spreadsheet takes a cell for a formula that begins so; the latter four as East Asian keyboards
# type the former, which some spreadsheets read alike. In many countries semicolons or tabs divide
# cells, so that one may begin in the middle of a text.
_SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20"
_FORMULA = re.compile(rf"^(?=[{_SIGNS}\t\r\n])|(?<=[;\t])(?=[{_SIGNS}])")

# How many a web process writes at once: the other threads are for screens.
EXPORTS_AT_ONCE = 2

_places = BoundedSemaphore(EXPORTS_AT_ONCE)


@dataclass
class CsvFile:
    """A temporary file without a name, which is gone when it is closed."""

    columns: Sequence[str]
    content: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    rows: int = 0

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write the header and all rows, one at a time, and go back to the beginning.

        Raises `Unavailable` when the disk does not take it. The file is then gone.
        """
        try:
            self._write(rows)
        except OSError as error:
            self.discard()
            raise Unavailable("The file could not be written.", retry_after_seconds=60) from error
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Close the file, whatever the disk says to what is left in its buffer."""
        with suppress(OSError):
            self.content.close()

    def _write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        text = io.TextIOWrapper(self.content, encoding="utf-8", newline="")
        writer = csv.writer(text)
        writer.writerow(self.columns)
        for row in rows:
            writer.writerow([cell(row[column]) for column in self.columns])
            self.rows += 1
        # Flushes, and leaves the file open.
        text.detach()
        self.content.seek(0)


@contextmanager
def place_for_an_export() -> Iterator[None]:
    """Raises `Unavailable` while as many exports as may be are being written in this process."""
    if not _places.acquire(blocking=False):
        raise Unavailable("Other files are being written. Ask again soon.", retry_after_seconds=10)
    try:
        yield
    finally:
        _places.release()


def cell(value: Any) -> str:
    """A value as the screen has it; text that a spreadsheet would run gets an apostrophe first."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _FORMULA.sub("'", value)
    if isinstance(value, int | float):
        return str(value)
    return str(plain(value))
