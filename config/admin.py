"""What every page of the admin site has in common."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class ProductAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Tables grow to millions of rows: nothing is counted that nobody asked for."""

    show_full_result_count = False
    list_per_page = 50


class EvidenceAdmin(ProductAdmin):
    """Facts that the product recorded: there to be looked at, never to be edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
