"""The settings of a local site, with what makes tests quick and alone on the machine."""

import os
import tempfile
from pathlib import Path

for name in ("ALLOWED_HOSTS", "EMAIL_URL", "HTTPS", "SITE_URL", "TRUSTED_PROXIES"):
    os.environ.pop(name, None)
os.environ.update(
    LOCAL="1",
    DEBUG="0",
    SECRET_KEY="only-for-the-tests",
    # Named, never made: with these settings nothing is written to it.
    VAR_DIR=str(Path(tempfile.gettempdir()) / "cmdebate-tests"),
)
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")

from cmdebate.settings import *  # noqa: E402, F403
from cmdebate.settings import STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
