from django.contrib.admin.apps import AdminConfig


class SiteConfig(AdminConfig):
    """Django's admin, on the product's own site."""

    default_site = "config.admin_site.Site"
