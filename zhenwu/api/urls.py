from django.urls import path

import zhenwu.ledgers.urls  # noqa: F401  registers the converter `code`
from zhenwu.api.views import door, notices, reference, tokens

app_name = "api"
urlpatterns = [
    path("docs/", reference.index, name="docs"),
    path("docs/<code:code>/", reference.ledger_page, name="docs_ledger"),
    path("openapi.json", reference.openapi, name="openapi"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/new/", tokens.new, name="new_token"),
    path("tokens/<uuid:token>/end/", tokens.end, name="end_token"),
    path("notices/", notices.notices, name="notices"),
    path("notices/new/", notices.new, name="new_notice"),
    path("notices/<uuid:notice>/", notices.notice, name="notice"),
    path("notices/<uuid:notice>/switch/", notices.switch, name="switch_notice"),
    path("notices/<uuid:notice>/<uuid:delivery>/again/", notices.resend, name="resend"),
    path("<path:path>", door.operation, name="operation"),
]
