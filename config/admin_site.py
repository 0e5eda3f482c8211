"""The admin site as a whole: what happens when two write the same at the same moment."""

import functools
import logging
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.messages.storage import default_storage
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponseBase]

# PostgreSQL ended one of two transactions that waited for each other, or read what has changed.
COLLISIONS = frozenset({"40P01", "40001"})
TRIES = 3
BUSY = "Nothing was saved: learners or others were at work on the same, and went on. Try again."
CHANGED = (
    "Nothing was saved: meanwhile a learner has begun with what you wanted to delete, or somebody"
    " has changed or deleted what you saw. Look at it as it is now."
)


class Site(AdminSite):
    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every page of the site goes by here."""
        return super().admin_view(until_it_works(view), cacheable)


def until_it_works(view: View) -> View:
    """Do what collides again; when that does not help, say that nothing was saved.

    Each page saves all or nothing, in one transaction, so that it can be done again.
    """

    @functools.wraps(view)
    def tried(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        for _ in range(TRIES):
            try:
                return view(request, *args, **kwargs)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) not in COLLISIONS:
                    raise
                logger.warning("%s collided and is tried again: %s", request.path, error)
                forget_messages(request)
            except IntegrityError as error:
                logger.warning("%s was not saved: %s", request.path, error)
                return nothing_was_saved(request, CHANGED)
        return nothing_was_saved(request, BUSY)

    return tried


def nothing_was_saved(request: HttpRequest, why: str) -> HttpResponseBase:
    """The same page, as things are now, with a message."""
    forget_messages(request)
    messages.error(request, why)
    return HttpResponseRedirect(request.get_full_path())


def forget_messages(request: HttpRequest) -> None:
    """What the page wanted to say of its success, before the database said no to the commit."""
    request._messages = default_storage(request)  # type: ignore[attr-defined]
