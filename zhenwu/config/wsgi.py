"""The web application. Packs' models are built here, once a worker."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhenwu.config.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from zhenwu.api import building
from zhenwu.packs import runtime

runtime.start()
building.start()
