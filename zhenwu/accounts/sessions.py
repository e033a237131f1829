"""Django's sessions in the database, read by a prepared query: every request reads one."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from zhenwu.changes.prepared import Prepared

_COLUMNS = [field.attname for field in Session._meta.concrete_fields]
_SESSION = Prepared(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now).values_list(*_COLUMNS),
    key=str, now=datetime,
)  # fmt: skip


class SessionStore(DatabaseStore):
    """The name is Django's: it salts the signature, so that sessions made by either are read by both."""

    def _get_session_from_db(self) -> Any:
        found = _SESSION.first(key=self.session_key, now=timezone.now()) if self.session_key else None
        if found is not None:
            return Session.from_db(None, _COLUMNS, found)
        self._session_key = None
        return None
