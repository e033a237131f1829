"""Who asks, and for which figure. What is not theirs does not exist: 404."""

from django.http import Http404, HttpRequest

from zhenwu.accounts.models import User
from zhenwu.indicators.errors import UnknownIndicator
from zhenwu.indicators.queries import spec_of
from zhenwu.indicators.seeing import may_see
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
