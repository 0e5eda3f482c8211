"""PostgreSQL types that Django does not bring."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.types.multirange import Multirange


class IntegerMultirangeField(models.Field):  # type: ignore[type-arg]
    """`int4multirange`: a set of half-open integer intervals that PostgreSQL keeps merged."""

    description = "Set of integer intervals"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "int4multirange"

    def get_prep_value(self, value: Any) -> Any:
        return Multirange(value) if isinstance(value, list | tuple) else value
