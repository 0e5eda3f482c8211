"""The WSGI application, made as the product's is."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.on_request.settings"

from config.wsgi import application

__all__ = ["application"]
