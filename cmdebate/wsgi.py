"""The site as a WSGI application, for granian or any other server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cmdebate.settings")
site = get_wsgi_application()

# These need Django, which stands ready only now.
from django.conf import settings  # noqa: E402

from cmdebate.edition import reader  # noqa: E402
from cmdebate.page_cache import Application, PageCache  # noqa: E402

application: Application = site
if settings.PAGE_CACHE and (edition := reader()):
    application = PageCache(site, edition)
