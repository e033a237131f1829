"""Whose request it is: Django's middleware, with the user read by a prepared query."""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from zhenwu.accounts.models import User
from zhenwu.changes.prepared import Prepared

_COLUMNS = [field.attname for field in User._meta.concrete_fields]
_USER = Prepared(lambda user: User.objects.filter(pk=user).values_list(*_COLUMNS), user=int)


class Authentication(AuthenticationMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = cast(Any, SimpleLazyObject(lambda: user_of_session(request)))


def user_of_session(request: HttpRequest) -> Any:
    """The user whom the session names, read anew for each request. Whatever is not plain (nobody, a password that was
    changed since, an older secret, a closed account) Django decides itself."""
    return _plain_case(request) or get_user(request)


def _plain_case(request: HttpRequest) -> User | None:
    said, sealed = str(request.session.get(SESSION_KEY, "")), request.session.get(HASH_SESSION_KEY)
    known = request.session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    if not known or not sealed or not (said.isascii() and said.isdigit()):
        return None
    if (found := _USER.first(user=int(said))) is None:
        return None
    user = User.from_db("default", _COLUMNS, found)
    return user if user.is_active and constant_time_compare(sealed, user.get_session_auth_hash()) else None
