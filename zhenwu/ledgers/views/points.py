"""The points of a ledger for its maps: those of the rows that the person sees, in a field that they see."""

from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from zhenwu.ledgers.queries import rows_in, shown_fields
from zhenwu.ledgers.views.access import ledger_for, user_of

_MOST = 500


@require_safe
def points(request: HttpRequest, code: str, field: str) -> JsonResponse:
    """{"points": [{lon, lat, name}]} of the newest rows; the name is the readable number."""
    ledger, scope = ledger_for(user_of(request), code)
    kind = shown_fields(ledger, scope).get(field)
    if kind is None or kind.widget != "geo":
        raise Http404
    rows = rows_in(ledger, scope).exclude(**{field: None}).order_by("-no").values_list("no", field)[:_MOST]
    found = [
        {"name": no, "lon": float(lon), "lat": float(lat)} for no, lon, lat in ((no, *at.split(",")) for no, at in rows)
    ]
    answer = JsonResponse({"points": found})
    answer["Cache-Control"] = "private, no-store"
    return answer
