"""Settings: every value that differs between installations comes from the environment and fails loudly when it is wrong."""

import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from scrm import databases
from scrm.environment import Environment
from scrm.postgres import system_user

environment = Environment(os.environ)

BASE_DIR = Path(__file__).resolve().parent.parent
SCRM_HOME = Path(environment.text("SCRM_HOME", str(BASE_DIR / "var"))).resolve()
SCRM_ENV = environment.choice("SCRM_ENV", ("demo", "production"))
DEMO_SECRET_KEY = "demo-only-not-a-secret-demo-only-not-a-secret-demo-only"  # noqa: S105  # refused in production

DEBUG = environment.flag("SCRM_DEBUG")
SECRET_KEY = environment.text("SCRM_SECRET_KEY", DEMO_SECRET_KEY)
ALLOWED_HOSTS = environment.items("SCRM_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_celery_beat",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "core",
    "audit",
    "accounts",
    "members",
    "timeline",
    "intake",
    "segments",
    "dashboards",
    "scrm",
]

MIDDLEWARE = [
    "core.middleware.OriginMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "scrm.urls"
WSGI_APPLICATION = "scrm.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

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
DATABASES = {
    "default": {
        "ENGINE": "scrm.postgres.backend",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        **DATABASE_ROLES["app"],
        "TEST": {"NAME": f"test_{DATABASE_ROLES['app']['NAME']}", "TEMPLATE": "template0"},
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
TIME_ZONE = environment.text("SCRM_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
STATIC_ROOT = SCRM_HOME / "static"
MEDIA_ROOT = SCRM_HOME / "files"

SCRM_MASTER_KEYS = Path(os.environ.get("SCRM_MASTER_KEYS", SCRM_HOME / "keys" / "master.json"))
