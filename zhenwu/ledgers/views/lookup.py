from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhenwu.ledgers import lookups
from zhenwu.ledgers.views.access import user_of


@require_safe
def lookup(request: HttpRequest, kind: str) -> HttpResponse:
    q = request.GET.get("q", "")
    try:
        options, more = lookups.find(kind, q, user_of(request))
    except lookups.UnknownKind:
        raise Http404 from None
    response = render(request, "_lookup_options.html", {"options": options, "more": more, "query": q})
    response["Cache-Control"] = "private, no-store"
    return response
