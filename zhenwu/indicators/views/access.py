"""Who asks, and for which figure; what is not theirs does not exist: 404. And how a sheet is handed out."""

from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse

from zhenwu.accounts.models import User
from zhenwu.indicators.errors import UnknownIndicator
from zhenwu.indicators.queries import spec_of
from zhenwu.indicators.seeing import may_see
from zhenwu.lib.sheets import XLSX
from zhenwu.packs.spec import Indicator


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # LoginRequiredMiddleware
    return request.user


def spec_for(user: User, code: str) -> Indicator:
    try:
        spec = spec_of(code)
    except UnknownIndicator:
        raise Http404 from None
    if not may_see(user, code) or ("." in code and not spec.by):
        raise Http404
    return spec


def sheet_answer(book: bytes, name: str, plain: str) -> HttpResponse:
    """An xlsx to keep; `plain` is its name for programs that know ASCII alone."""
    response = HttpResponse(book, content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "private, no-store"
    return response
