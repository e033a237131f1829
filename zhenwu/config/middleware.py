"""Middleware of our own."""

import os
import signal
import threading
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from zhenwu.api.building import ROOT as API
from zhenwu.api.problems import problem
from zhenwu.packs import runtime
from zhenwu.packs.errors import RestartNeeded


class BoundedBody:
    """Refuses what is too large before a byte of it is read: reading a form writes its files to disk, and the check for
    forged requests reads the form before anyone asks who sent it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        of_program = request.path.startswith(API)
        known = settings.SESSION_COOKIE_NAME in request.COOKIES or (of_program and "Authorization" in request.headers)
        limit = settings.MAX_BODY_BYTES if known else settings.MAX_BODY_BYTES_BEFORE_LOGIN
        if "%00" in request.META.get("QUERY_STRING", ""):  # no database takes a zero byte, and no person types one
            return _refused(request, 400, "网址写得不对。")
        said = request.META.get("CONTENT_LENGTH") or "0"
        if not said.isascii() or not said.isdigit() or len(said) > 18 or int(said) > limit:
            size = settings.MAX_UPLOAD_BYTES // (1024 * 1024)
            words = f"提交的内容太大，没有接收。一个文件最多{size} MB，请压缩或分几次上传。"
            if not known:
                words = "提交的内容太大，没有接收。请重新登录后再提交。"
            return _refused(request, 413, words)
        return self.get_response(request)


def _refused(request: HttpRequest, status: int, words: str) -> HttpResponse:
    if request.path.startswith(API):
        return problem(status, words)
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")


class PasswordFirst:
    """Who was given a password by someone else chooses an own one before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and user.must_change_password:
            allowed = (reverse("password_change"), reverse("logout"))
            if request.path not in allowed and not request.path.startswith("/static/"):
                return redirect("password_change")
        return self.get_response(request)


class RestartOnNewPacks:
    """Newer packs were applied: let this worker start anew with them. What cannot be answered with the older packs is
    answered by "try again".

    Each worker looks by itself, so that also one that nobody asks anything is soon current. The server starts a worker
    again when it ends (serve passes --respawn-failed-workers).
    """

    EVERY = 1.0  # seconds between two looks

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._ending = threading.Event()
        if settings.RESTART_WORKERS:
            threading.Thread(target=self._watch, name="packs", daemon=True).start()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def _watch(self) -> None:
        while not self._ending.wait(self.EVERY):
            try:
                if not runtime.is_current():
                    self._restart()
            except DatabaseError:  # the database is away or busy: requests say so, and this look is taken again
                connection.close()

    def _restart(self) -> None:
        """End this worker, once, after the answers that it is giving have gone out."""
        if not self._ending.is_set():
            self._ending.set()
            threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM)).start()

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RestartNeeded):
            return None
        if settings.RESTART_WORKERS:
            self._restart()
        if request.path.startswith(API):
            response = problem(503, str(exception))
        else:
            again = request.method in (
                "GET",
                "HEAD",
            )  # a page is simply loaded again; a form is sent again by who filled it
            response = render(request, "errors/503.html", {"reason": str(exception), "again": again}, status=503)
        response["Retry-After"] = "5"
        return response
