"""The site's settings, read from the environment.

Safe by default: without LOCAL=1 (which `make run` sets) the site asks for a secret key,
the names it answers to, and HTTPS. Any NAME may also be given as NAME_FILE, the path of a
file that holds the value.
"""

import os
import secrets
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()

LOCAL = env.bool("LOCAL", default=False)
DEBUG = env.bool("DEBUG", default=False)
VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))


def local_secret_key(path: Path) -> str:
    """The key of a local site: made at its first run, kept outside git."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text()


def required(name: str) -> str:
    value: str = env(name, default="")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. A public site needs it; for a site on this machine only, "
            "set LOCAL=1 (`make run` does)."
        )
    return value


SECRET_KEY = env("SECRET_KEY", default="") or (
    local_secret_key(VAR_DIR / "secret_key") if LOCAL else required("SECRET_KEY")
)
if not LOCAL and len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("SECRET_KEY is too short: give it at least 32 characters.")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
if LOCAL:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
elif not ALLOWED_HOSTS:
    required("ALLOWED_HOSTS")

# Apps

INSTALLED_APPS = [
    "cmdebate",
    "cmdebate.accounts",
    "essays",
    "discussions",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "markdownx",
    "taggit",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "cmdebate.middleware.refuse_unreadable_forms",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Closed by default: a view that anybody may see says so with login_not_required.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]

ROOT_URLCONF = "cmdebate.urls"
WSGI_APPLICATION = "cmdebate.wsgi.application"

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
                "cmdebate.context.site",
                "discussions.following.context.unread",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django.contrib.humanize.templatetags.humanize",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Data

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR}/cmdebate.sqlite3")}
# To open a connection costs as much as a page's queries.
DATABASES["default"]["CONN_MAX_AGE"] = None
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # A transaction that reads and then writes would fail at once when another one
        # writes in between; taking the lock at its start makes it wait instead.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # The system keeps the file's pages in memory once for all; each connection needs few.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-512;"
        ),
    }
else:
    # The database may have been restarted since the last request.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        # What is prepared is planned once (prepared.py): to plan a page's queries costs three
        # times what answering them does. To compile a plan pays for reports of seconds only.
        "options": "-c plan_cache_mode=force_generic_plan -c jit=off",
    } | DATABASES["default"].get("OPTIONS", {})

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        # Shared by all workers: rate limits count in it.
        "BACKEND": "cmdebate.counters.CounterCache",
        "LOCATION": "cache",
    },
    "drawn": {
        # Parts of pages as they were drawn, in each process; what they show is in their key.
        "BACKEND": "django.core.cache.backends."
        + ("dummy.DummyCache" if DEBUG else "locmem.LocMemCache"),
        "LOCATION": "drawn",
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
}

# Pages for visitors are kept in each worker until the edition of the site turns.
PAGE_CACHE = env.bool("PAGE_CACHE", default=not DEBUG)

# Languages and time

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Paris"
FORMAT_MODULE_PATH = "cmdebate.formats"

# Members

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["cmdebate.accounts.signed_in.Backend"]
SESSION_ENGINE = "cmdebate.accounts.signed_in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_FORMS = {
    "login": "cmdebate.accounts.forms.LoginForm",
    "signup": "cmdebate.accounts.forms.SignupForm",
}
ACCOUNT_ADAPTER = "cmdebate.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "name"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_USERNAME_MIN_LENGTH = 2
ACCOUNT_RATE_LIMITS = {
    # Ours, by address; a member's own posts are counted on their rows (POST_LIMITS).
    "post": "60/h/ip",
    "preview": "120/m/ip",
    "vote": "60/m/user",
    "react": "60/m/user",
    "names": "120/m/user",
    "follow": "60/m/ip",
    "survey": "30/h/ip",
    "report": "30/h/ip",
    "member_report": "30/h/user",
    "own_data": "10/h/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "cmdebate"
USERSESSIONS_TRACK_ACTIVITY = False

# What members write

MARKDOWNX_MARKDOWNIFY_FUNCTION = "discussions.markdown.render"
MARKDOWNX_URLS_PATH = "/apercu/"
MARKDOWNX_UPLOAD_URLS_PATH = ""
# How many posts one member may send in how many seconds, every line at once.
POST_LIMITS = [(5, 60), (60, 3600)]
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400

TAGGIT_CASE_INSENSITIVE = True
TAGGIT_STRIP_UNICODE_WHEN_SLUGIFYING = True
TAGGIT_TAGS_FROM_STRING = "essays.tags.from_string"
TAGGIT_STRING_FROM_TAGS = "essays.tags.to_string"

# Mail

vars().update(
    env.email_url(
        "EMAIL_URL",
        default=f"filemail:///{VAR_DIR}/mail" if LOCAL else "smtp://localhost:25",
    )
)
DEFAULT_FROM_EMAIL = env("FROM_EMAIL", default="cmdebate <webmaster@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 20
# Where a link in a mail leads: a mail is written far from any request.
SITE_URL = env("SITE_URL", default="").rstrip("/") or (
    "http://localhost:8000" if LOCAL else f"https://{ALLOWED_HOSTS[0].removeprefix('.')}"
)
if "*" in SITE_URL:
    required("SITE_URL")

# Work that a request leaves to the worker

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# Files that the site serves itself

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "cmdebate.staticfiles.JoinedStaticFilesStorage"
    },
}

# Transport

HTTPS = env.bool("HTTPS", default=not LOCAL)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
# Whether other names under the same domain are HTTPS only is not this site's to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REDIRECT_EXEMPT = [r"^sante/$"]
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_FAILURE_VIEW = "cmdebate.pages.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
