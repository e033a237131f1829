"""Which administrator may open which page."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase

from zhenwu.accounts.models import ADMINS, Role, User
from zhenwu.accounts.scope import rights_of

View = Callable[..., HttpResponseBase]
ANY = tuple(sorted(ADMINS))


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # LoginRequiredMiddleware
    return request.user


def for_roles(*roles: str) -> Callable[[View], View]:
    """Only those who hold one of the roles themselves today; nobody stands in for an administrator."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not rights_of(user_of(request)).roles & set(roles):
                raise Http404
            response = view(request, *args, **kwargs)
            response["Cache-Control"] = "private, no-store"
            return response

        return guarded

    return guard


def holds(request: HttpRequest, role: Role) -> bool:
    return role in rights_of(user_of(request)).roles


def day_of(said: str | None) -> date | None:
    try:
        return date.fromisoformat(said or "")
    except ValueError:
        return None


def field(
    name: str, label: str, value: Any = "", problems: dict[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    """What `_field.html` takes."""
    errors = [problems[name]] if problems and name in problems else []
    return {"name": name, "label": label, "value": value, "errors": errors, "widget": "text"} | more
