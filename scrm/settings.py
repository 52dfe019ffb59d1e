"""Settings: every value that differs between installations comes from the environment and fails loudly when it is wrong."""

import os
from datetime import timedelta
from pathlib import Path

import pghistory
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from scrm import api_settings, broker, databases, logs, unfold
from scrm.environment import Environment, outward
from scrm.postgres import system_user

environment = Environment(os.environ)

BASE_DIR = Path(__file__).resolve().parent.parent
SCRM_HOME = Path(environment.text("SCRM_HOME", str(BASE_DIR / "var"))).resolve()
SCRM_ENV = environment.choice("SCRM_ENV", ("demo", "production"))
PRODUCTION = SCRM_ENV == "production"
SCRM_PORT = environment.number("SCRM_PORT", 8000, least=1, most=65535)
DEMO_LOGIN, DEMO_PASSWORD = "admin", "demo"
DEMO_SECRET_KEY = "demo-only-not-a-secret-demo-only-not-a-secret-demo-only"  # noqa: S105  # refused in production

DEBUG = environment.flag("SCRM_DEBUG")
SECRET_KEY = environment.text("SCRM_SECRET_KEY", DEMO_SECRET_KEY)
ALLOWED_HOSTS = environment.items("SCRM_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
SCRM_TRUSTED_PROXIES = environment.items("SCRM_TRUSTED_PROXIES")
SCRM_HTTP_ALLOWED = environment.items("SCRM_HTTP_ALLOWED")

INSTALLED_APPS = [
    "pgtrigger",  # before ours: the triggers of row history are made while models are
    "pghistory",
    # ours first: their words and templates win over those of the packages
    "core",
    "audit",
    "accounts",
    "wecom",
    "members",
    "timeline",
    "compliance",
    "intake",
    "segments",
    "loyalty",
    "content",
    "community",
    "campaigns",
    "dashboards",
    "scrm.apps.ScrmConfig",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "scrm.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "csp",
    "django_otp",
    "django_celery_beat",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "core.middleware.OriginMiddleware",
    "core.middleware.NulMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "core.middleware.PermissionsPolicyMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "scrm.urls"
WSGI_APPLICATION = "scrm.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)  # history is asked by object only

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
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


EMBEDDED_POSTGRES = not environment.text("DATABASE_URL")
SCRM_POSTGRES_USER = environment.text("SCRM_POSTGRES_USER", system_user.DEFAULT)
SCRM_POSTGRES_CREATE_USER = environment.flag("SCRM_POSTGRES_CREATE_USER")
SCRM_POSTGRES_UNSAFE = environment.flag("SCRM_POSTGRES_UNSAFE")
DATABASE_ROLES = databases.roles(environment, home=SCRM_HOME)
# In production a system check says so, together with all else that is unfit.
if SECRET_KEY == DEMO_SECRET_KEY and not PRODUCTION:
    sign = outward(environment, database_host=DATABASE_ROLES["app"]["HOST"])
    if sign:
        raise ImproperlyConfigured(
            f"{sign} is set, but sessions would be signed with the demo's key, which everybody can read. "
            "Set SCRM_ENV=production, and SCRM_SECRET_KEY to a key of your own "
            """(python3 -c "import secrets; print(secrets.token_urlsafe(64))")."""
        )
DATABASES = {
    "default": {
        "ENGINE": "scrm.engine",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        **DATABASE_ROLES["app"],
        "TEST": {"NAME": f"test_{DATABASE_ROLES['app']['NAME']}", "TEMPLATE": "template0"},
    }
}

# Celery: the work is rows in PostgreSQL with a due time; messages only wake somebody up.
CELERY_BROKER_URL = environment.text("CELERY_BROKER_URL", broker.URL)
BROKER_IS_POSTGRES = CELERY_BROKER_URL == broker.URL
if BROKER_IS_POSTGRES:
    CELERY_BROKER_TRANSPORT = "scrm.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = broker.transport_settings()
    CELERY_TASK_CREATE_MISSING_QUEUES = False
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_QUEUES = [Queue(name, no_declare=BROKER_IS_POSTGRES) for name in broker.QUEUES]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 3500  # below the visibility timeout: no task runs twice at once
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_RESULT_EXPIRES = None
CELERY_WORKER_PREFETCH_MULTIPLIER = 2
CELERY_WORKER_CONCURRENCY = environment.number("SCRM_WORKERS", 2, least=1, most=256)
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BEAT_SCHEDULER = "scrm.beat:RunScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5

UNFOLD = unfold.UNFOLD

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
TIME_ZONE = environment.text("SCRM_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True
CELERY_TIMEZONE = TIME_ZONE
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
MEDIA_ROOT = SCRM_HOME / "files"
if PRODUCTION:
    STATIC_ROOT = Path(environment.text("SCRM_STATIC_ROOT", str(SCRM_HOME / "static")))
    static_storage = "whitenoise.storage.CompressedManifestStaticFilesStorage"
else:  # served from where they lie: nothing has to be collected first
    WHITENOISE_USE_FINDERS = True
    static_storage = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": static_storage},
}

# Protection. Production means HTTPS; SCRM_HTTPS=0 is refused by a system check.
HTTPS = environment.flag("SCRM_HTTPS", default=PRODUCTION)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
if HTTPS:  # the prefix lets no other host and no page without HTTPS set them
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
X_FRAME_OPTIONS = "DENY"
# No script of ours stands in a page. Alpine, which Unfold brings, evaluates its attributes ('unsafe-eval'), and Unfold
# writes its colours into a style element ('unsafe-inline' for styles); everything else comes from here or not at all.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = False
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # the domain's other hosts are not ours to decide
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.flag("SCRM_BEHIND_PROXY") else None
CSRF_TRUSTED_ORIGINS = environment.items("SCRM_TRUSTED_ORIGINS")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
# Signing in: who guesses is locked out, and who knows the password shows a second factor.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_HANDLER = "accounts.services.locks.LockHandler"
AXES_USERNAME_CALLABLE = "accounts.services.locks.counted_name"
AXES_CLIENT_IP_CALLABLE = "core.middleware.client_address"
AXES_LOCKOUT_CALLABLE = "accounts.pages.sign_in.locked_out"
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_FAILURE_LIMIT = 5  # of an account
SCRM_ADDRESS_FAILURE_LIMIT = 20
AXES_COOLOFF_TIME = timedelta(minutes=environment.number("SCRM_LOCK_MINUTES", 15, least=1, most=1440))
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True  # the audit holds who came and went
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "password", "csrfmiddlewaretoken", "next"]
SCRM_SECOND_FACTOR = environment.flag("SCRM_SECOND_FACTOR", default=PRODUCTION)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LOGGING = logs.configure(production=PRODUCTION, level=environment.choice("SCRM_LOG_LEVEL", logs.LEVELS))

SCRM_MASTER_KEYS = Path(os.environ.get("SCRM_MASTER_KEYS", SCRM_HOME / "keys" / "master.json"))

# The key of backups lies beside the key ring, unless another place is given.
SCRM_BACKUP_KEY = Path(environment.text("SCRM_BACKUP_KEY", str(SCRM_MASTER_KEYS.with_name("backup.key"))))
# Older backups are deleted when a new one has been written; 0 keeps all.
SCRM_BACKUP_DAYS = environment.number("SCRM_BACKUP_DAYS", 30, most=36_500)

# What one person may take out in 24 hours without a second one.
SCRM_EXPORT_ROWS_A_DAY = environment.number("SCRM_EXPORT_ROWS_A_DAY", 1_000)

# A migrated database to copy where a bench wants one of its own; none means to migrate an empty one.
SCRM_BENCH_TEMPLATE = ""

# Where the seals of the audit are brought besides the database.
SCRM_SEALS = Path(environment.text("SCRM_SEALS", str(SCRM_HOME / "seals")))
SCRM_SEAL_STORE_URL = environment.text("SCRM_SEAL_STORE_URL")
SCRM_SEAL_STORE_TOKEN = environment.text("SCRM_SEAL_STORE_TOKEN")
SCRM_SEAL_MAIL_TO = environment.text("SCRM_SEAL_MAIL_TO")

EMAIL_HOST = environment.text("SCRM_MAIL_HOST", "localhost")
EMAIL_PORT = environment.number("SCRM_MAIL_PORT", 25, least=1, most=65535)
EMAIL_HOST_USER = environment.text("SCRM_MAIL_USER")
EMAIL_HOST_PASSWORD = environment.text("SCRM_MAIL_PASSWORD")
EMAIL_USE_TLS = environment.flag("SCRM_MAIL_TLS")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = environment.text("SCRM_MAIL_FROM", "scrm@localhost")

REST_FRAMEWORK = api_settings.REST_FRAMEWORK
SPECTACULAR_SETTINGS = api_settings.SPECTACULAR_SETTINGS
# Each API key may send this many requests at once, and this many a second in the long run.
SCRM_API_RATE = (
    environment.number("SCRM_API_BURST", 100, least=1, most=1_000_000),
    environment.number("SCRM_API_PER_SECOND", 20, least=1, most=1_000_000),
)
