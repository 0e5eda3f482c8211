"""Every setting of Pulseboard, driven by environment variables.

With no `DATABASE_URL` and no `REDIS_URL` the settings point at the embedded PostgreSQL and Valkey
under `.local/`; reading this file starts nothing.
"""

import datetime as dt
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import bundle
from config.database.pooled import PooledConnection
from config.embedded import addresses

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

# --- Where the product runs ------------------------------------------------------------------

# The database: postgres:// address; without one, the embedded PostgreSQL.
DATABASE_URL = env.str("DATABASE_URL", default="") or addresses.database_url()

# True when this process uses the embedded PostgreSQL: the demo, with its well-known accounts.
EMBEDDED = addresses.database_url() == DATABASE_URL

# Signs sessions and tokens. The embedded demo listens on loopback only and its passwords are
# public, so a fixed key costs nothing there; any other installation must bring its own.
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if not EMBEDDED:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Give a long random value, for instance the output of: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
        )
    SECRET_KEY = "embedded-demo-only-" + "pulseboard-" * 4

# Never True in an installation that others can reach.
DEBUG = env.bool("DEBUG", default=False)

# Host names under which the web process answers, besides loopback, where health checks ask.
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *env.list("ALLOWED_HOSTS", default=[])]

# Origins (scheme and host) from which the admin's forms may be sent, when behind a proxy.
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- Application -----------------------------------------------------------------------------

INSTALLED_APPS = [
    "config.apps.SiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_pgviews",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "tracking",
    "analytics",
]

MIDDLEWARE = [
    "config.request_id.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.pages.ContentPolicy",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "config.pages.StaticFiles",
    "config.pages.Sessions",
    "django.middleware.common.CommonMiddleware",
    "config.pages.Forms",
    "config.pages.SignedIn",
    "config.pages.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "tracking.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# All times are stored, computed and sent in UTC; only the dashboard shows the viewer's zone.
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
LANGUAGE_CODE = "en-us"

STATIC_URL = "static/"
# Where `collectstatic` gathers files for a web server in front; not needed by default.
STATIC_ROOT = env.str("STATIC_ROOT", default="") or None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# The static files of the dashboard, the admin and Swagger UI are served from where they lie.
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False

# The built dashboard.
STATICFILES_DIRS = [("dashboard", bundle.DIRECTORY)]
# Files with a digest of their content in their name never change.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/dashboard/assets/.+-[\w-]{8}\.\w+$"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Database --------------------------------------------------------------------------------

# Connections that one web process keeps open; 0, for everything else, opens one when needed: a
# forked Celery worker would share the sockets of its parent.
DATABASE_POOL = env.int("DATABASE_POOL", default=0)

# Longest wait for a connection, in milliseconds.
DATABASE_CONNECT_TIMEOUT_MS = env.int("DATABASE_CONNECT_TIMEOUT_MS", default=5_000)

# Longest statement of a web process, in milliseconds. Commands and workers take their time: a
# migration may have to, and a refresh has a limit of its own.
DATABASE_STATEMENT_TIMEOUT_MS = env.int("DATABASE_STATEMENT_TIMEOUT_MS", default=15_000)

DATABASES = {"default": environ.Env.db_url_config(DATABASE_URL)}
DATABASES["default"]["ENGINE"] = "config.database"
DATABASES["default"]["CONN_MAX_AGE"] = 0
_OPTIONS = DATABASES["default"].setdefault("OPTIONS", {})
_OPTIONS["connect_timeout"] = max(DATABASE_CONNECT_TIMEOUT_MS // 1000, 1)
if DATABASE_POOL:
    _OPTIONS["options"] = " ".join(
        [_OPTIONS.get("options", ""), f"-c statement_timeout={DATABASE_STATEMENT_TIMEOUT_MS}"]
    ).strip()
    # Whether a pooled connection still works is for `config.database` to see.
    _OPTIONS["pool"] = {
        "connection_class": PooledConnection,
        "min_size": 1,
        "max_size": DATABASE_POOL,
        "timeout": DATABASE_CONNECT_TIMEOUT_MS / 1000,
    }

# Longest statement behind a manager's screen, in milliseconds: rows are precomputed, so one that
# takes longer is in trouble, and its caller is better told than kept waiting.
ANALYTICS_STATEMENT_TIMEOUT_MS = env.int("ANALYTICS_STATEMENT_TIMEOUT_MS", default=5_000)

# The same for each step of a file that a manager downloads, which may hold many thousand rows.
EXPORT_STATEMENT_TIMEOUT_MS = env.int("EXPORT_STATEMENT_TIMEOUT_MS", default=60_000)

# Answers to managers that each web process keeps ready until the next refresh, in MB.
ANSWER_MEMORY_MB = env.int("ANSWER_MEMORY_MB", default=16)

# One deploy command syncs the materialized views; a plain `migrate` leaves them alone.
MATERIALIZED_VIEWS_DISABLE_SYNC_ON_MIGRATE = True

# --- HTTP API --------------------------------------------------------------------------------

# Largest request body of the API, in bytes; a larger one gets 413.
MAX_BODY_BYTES = env.int("MAX_BODY_BYTES", default=256 * 1024)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tracking.tokens.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["config.json_body.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.problems.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    # There is one format; nobody has to ask for it in the address.
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Pulseboard",
    "DESCRIPTION": "Learning-time tracking and manager analytics. Errors are RFC 9457 problems.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    # The first version that knows a field that may be null beside a type.
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.openapi.document_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ModuleStatus": "tracking.models.ModuleProgress.Status",
        "RecordedStatus": ["recorded", "duplicate"],
        "AssignmentStatus": "tracking.models.Assignment.Status",
        "RefreshRequestStatus": "analytics.requests.RequestStatus",
        "ActivityStatus": "analytics.serializers.parameters.ACTIVITY_STATUSES",
    },
}

# How long an access token lives: as long as a stolen one is of use.
ACCESS_TOKEN_LIFETIME = dt.timedelta(minutes=env.int("ACCESS_TOKEN_MINUTES", default=15))

# How long somebody who does not come back stays signed in.
REFRESH_TOKEN_LIFETIME = dt.timedelta(days=env.int("REFRESH_TOKEN_DAYS", default=14))

SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": ACCESS_TOKEN_LIFETIME,
    "REFRESH_TOKEN_LIFETIME": REFRESH_TOKEN_LIFETIME,
    "ALGORITHM": "HS256",
    "SIGNING_KEY": SECRET_KEY,
    "UPDATE_LAST_LOGIN": False,
}

# --- Signing in ------------------------------------------------------------------------------

# Passwords are Django's, for the API and the admin alike; failed sign-ins are counted in Redis.
AUTHENTICATION_BACKENDS = ["tracking.sign_in_limit.LimitedBackend"]

# Failed sign-ins count for this long.
SIGN_IN_WINDOW_MINUTES = env.int("SIGN_IN_WINDOW_MINUTES", default=15)

# How many may fail in that time for one user name from one address.
SIGN_IN_LIMIT = env.int("SIGN_IN_LIMIT", default=10)

# And for one user name from anywhere: high, as a stranger who fails on purpose keeps out its owner.
SIGN_IN_LIMIT_PER_NAME = env.int("SIGN_IN_LIMIT_PER_NAME", default=100)

# And from one address for any user name: higher still, as a whole office may have one address.
SIGN_IN_LIMIT_PER_ADDRESS = env.int("SIGN_IN_LIMIT_PER_ADDRESS", default=300)

# How many proxies stand in front of web, each adding to X-Forwarded-For who came to it. With too
# many here clients can claim any address; with too few all of them have that of a proxy.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# --- Tracking --------------------------------------------------------------------------------

# Most seconds of focus that one pulse may claim.
MAX_PULSE_SECONDS = env.int("MAX_PULSE_SECONDS", default=300)

# Older pulses are refused, visibly: they would change numbers that managers have acted on.
MAX_PULSE_AGE = dt.timedelta(days=env.int("MAX_PULSE_AGE_DAYS", default=7))

# How long the ledger keeps each accepted pulse, and with it knows a retry from a new one. What is
# older is kept as subtotals.
PULSE_RETENTION = dt.timedelta(days=env.int("PULSE_RETENTION_DAYS", default=30))
if PULSE_RETENTION <= MAX_PULSE_AGE:
    raise ImproperlyConfigured(
        f"PULSE_RETENTION_DAYS ({PULSE_RETENTION.days}) must be more than MAX_PULSE_AGE_DAYS"
        f" ({MAX_PULSE_AGE.days}): a pulse that may still be sent again has to be remembered."
    )

# A pulse from further in the future than this is flagged as well as clamped to the present.
MAX_CLOCK_SKEW = dt.timedelta(seconds=env.int("MAX_CLOCK_SKEW_SECONDS", default=120))

# A learner silent for longer than this starts another learning session.
SESSION_GAP = dt.timedelta(minutes=env.int("SESSION_GAP_MINUTES", default=30))

# Share of a video's known duration that has to be seen for the video to be complete.
COVERAGE_TO_COMPLETE = env.float("COVERAGE_TO_COMPLETE", default=0.95)

# Most pulses in one batch.
MAX_BATCH_PULSES = env.int("MAX_BATCH_PULSES", default=500)

# Most pulses of one learner at once, in each web process. A day of three tabs, offline throughout
# and sent four times over when the network is back, is less.
PULSE_BURST = env.int("PULSE_BURST", default=30_000)

# How fast that fills up again; three tabs send 12 a minute.
PULSES_PER_MINUTE = env.int("PULSES_PER_MINUTE", default=500)

# --- Refresh ---------------------------------------------------------------------------------

# How often the materialized views are refreshed, in seconds.
REFRESH_INTERVAL_SECONDS = env.int("REFRESH_INTERVAL_SECONDS", default=60)

# A refresh fails, and is recorded as failed, when one of its statements takes longer than this or
# waits longer for a lock.
REFRESH_STATEMENT_TIMEOUT_MS = env.int("REFRESH_STATEMENT_TIMEOUT_MS", default=600_000)
REFRESH_LOCK_TIMEOUT_MS = env.int("REFRESH_LOCK_TIMEOUT_MS", default=5_000)

# Memory that each sort and each hash table of a refresh may use, in MB, before it goes to disk.
REFRESH_WORK_MEM_MB = env.int("REFRESH_WORK_MEM_MB", default=64)

# A refresh computes all learners anew when more than this share of them was touched since it last
# did so, and more than the fewest: below that it is not worth while.
REFRESH_BASE_SHARE = env.float("REFRESH_BASE_SHARE", default=0.10)
REFRESH_BASE_FEWEST = env.int("REFRESH_BASE_FEWEST", default=1_000)

# Learners that the hourly comparison of the views with the raw tables draws.
RECONCILE_SAMPLE = env.int("RECONCILE_SAMPLE", default=200)

# How long the history of refresh runs, and of checks of the data's quality, is kept.
REFRESH_RUN_RETENTION = dt.timedelta(days=env.int("REFRESH_RUN_RETENTION_DAYS", default=30))

# Data older than this, in seconds, is called stale, and then outdated.
DATA_STALE_SECONDS = env.int("DATA_STALE_SECONDS", default=120)
DATA_OUTDATED_SECONDS = env.int("DATA_OUTDATED_SECONDS", default=300)

# --- Celery ----------------------------------------------------------------------------------

# The broker: redis://, rediss:// or unix:// address.
REDIS_URL = env.str("REDIS_URL", default="") or addresses.redis_url()
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "pulseboard"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A broker that accepts and then says nothing must fail a publish, not hang it.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
    "socket_keepalive": not REDIS_URL.startswith("unix://"),
}
# The hard limit is for a process that no longer listens to the soft one.
# A refresh of all learners has several long statements.
CELERY_TASK_SOFT_TIME_LIMIT = 3 * REFRESH_STATEMENT_TIMEOUT_MS // 1000
CELERY_TASK_TIME_LIMIT = CELERY_TASK_SOFT_TIME_LIMIT + 20
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(addresses.default_home() / "beat-schedule")

# --- Security --------------------------------------------------------------------------------

# True behind a proxy that speaks TLS, and that sets X-Forwarded-Proto itself whatever the client
# says: cookies over HTTPS only, HSTS for a year, https in links.
SECURE_TLS = env.bool("SECURE_TLS", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_TLS else None
SESSION_COOKIE_SECURE = SECURE_TLS
CSRF_COOKIE_SECURE = SECURE_TLS
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_TLS else 0
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SAMESITE = "Strict"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

# Origins (scheme and host) besides this one from which the learners' page may play media.
MEDIA_ORIGINS = env.list("MEDIA_ORIGINS", default=[])

# What any page may load and do: its own files, its own API, and nothing written into the page.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF, *MEDIA_ORIGINS],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# What no page needs of the machine it is shown on.
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "publickey-credentials-get",
        "screen-wake-lock",
        "serial",
        "usb",
    )
}

# --- Monitoring ------------------------------------------------------------------------------

# What `/metrics` asks for, as a bearer token. Without one it answers in the embedded demo alone.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# --- Logging ---------------------------------------------------------------------------------

# Least level that is logged.
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "config.request_id.RequestIdFilter"}},
    "formatters": {
        "line": {
            "format": "{asctime} {levelname} {name} [{request_id}] {message}",
            "style": "{",
        }
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # Each problem is logged once, by config.problems, with its request id.
    "loggers": {
        "django.request": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},
    },
}
