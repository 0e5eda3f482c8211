"""The product's settings with other addresses."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.on_request.urls"
WSGI_APPLICATION = "bench.on_request.wsgi.application"
