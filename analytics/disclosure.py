"""What was shown to whom goes on record before it is shown."""

import logging
from collections.abc import Mapping
from typing import Any

from django.db import DatabaseError, InterfaceError

from analytics.models import AuditEntry
from analytics.queries.reading import LOCK_TIMEOUT_MS
from config.audit import audit
from config.problems import Unavailable

logger = logging.getLogger(__name__)

# A screen is looked at again in a minute; what was taken away, or caused, must survive a crash.
PASSING = frozenset(action for action in AuditEntry.Action if action.value.startswith("read_"))


def disclose(
    *,
    actor_id: int,
    action: AuditEntry.Action,
    learner_id: int | None = None,
    detail: Mapping[str, Any],
) -> None:
    """Put on record what is about to be answered; one statement, which waits for nobody for long.

    Raises `Unavailable` if that is not possible: then nothing may be shown.
    """
    under = {"lock_timeout": str(LOCK_TIMEOUT_MS)}
    if action in PASSING:
        under["synchronous_commit"] = "off"
    try:
        audit(
            actor_id=actor_id,
            action=action,
            learner_id=learner_id,
            detail=detail,
            under=under,
        )
    except (DatabaseError, InterfaceError) as error:
        logger.exception("%s by user %s could not be put on record", action, actor_id)
        raise Unavailable(
            "Nothing is shown that cannot be put on record, and the audit log does not take it."
        ) from error
