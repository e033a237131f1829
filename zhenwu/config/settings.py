"""Django settings. Everything that differs between townships lies in the instance folder (ZHENWU_INSTANCE)."""

import os
from datetime import timedelta

from zhenwu.config.instance import PRIVATE, Instance

_instance = Instance.from_environment()
os.umask(PRIVATE)

INSTANCE = _instance.folder
MAP = {name: said for name, said in _instance.map.items() if name != "origin"}
TOWNSHIP = _instance.township
SECRET_KEY = _instance.secret_key
DEBUG = False
ALLOWED_HOSTS = _instance.hosts
DATABASES = {"default": _instance.database}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "zhenwu.background",
    "zhenwu.changes",
    "zhenwu.divisions",
    "zhenwu.people",
    "zhenwu.accounts",
    "zhenwu.packs",
    "zhenwu.packs.tables",
    "zhenwu.ledgers",
    "zhenwu.residents",
    "zhenwu.mart",
    "zhenwu.indicators",
    "zhenwu.checks",
    "zhenwu.plans",
    "zhenwu.reports",
    "zhenwu.fieldwork",
    "zhenwu.places",
    "zhenwu.api",
    "zhenwu.desk",
]
MIGRATION_MODULES = {"rows": None}  # the packs' tables are planned and applied by the packs room

MIDDLEWARE = [
    "zhenwu.config.middleware.BoundedBody",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "zhenwu.accounts.authentication.Authentication",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "zhenwu.config.middleware.PasswordFirst",
    "zhenwu.config.middleware.RestartOnNewPacks",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "zhenwu.config.urls"
WSGI_APPLICATION = "zhenwu.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [str(_instance.code_folder / "config" / "templates")],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["zhenwu.config.parts"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "zhenwu.config.context.site",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_TEMPLATE = "errors/429.html"
AXES_VERBOSE = False

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH: list[str] = []

STATIC_URL = "/static/"
STATICFILES_DIRS = [str(_instance.code_folder / "config" / "static")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Work that no page waits for lies in a queue of the same database: it is committed or rolled back with what asks for it.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
IMPORT_AT_ONCE_BYTES = 256 * 1024  # a larger sheet (some 5,000 rows of xlsx) is read and imported in the background
MAX_BODY_BYTES = 2 * MAX_UPLOAD_BYTES  # of a whole request: a row's form may carry a few files
MAX_BODY_BYTES_BEFORE_LOGIN = 64 * 1024
API = _instance.api
# Uses a minute over all worker processes: log-ins from one address (an office often has one for all), the others of one person.
LIMITS = {"login": 60, "search": 60, "export": 20}
RESTART_WORKERS = "ZHENWU_SERVING" in os.environ  # set by `zhenwu serve`, which starts ended workers again
WORKERS_SETTLE = timedelta(seconds=3 if RESTART_WORKERS else 0)  # by then each has seen newer packs and ended

SESSION_ENGINE = "zhenwu.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if _instance.https:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", *([_instance.map["origin"]] if _instance.map else [])],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "font-src": ["'self'", "data:"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'self'"],
        "object-src": ["'none'"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler", "level": "WARNING"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
