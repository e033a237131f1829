"""Pages that belong to no room: password, health, errors."""

from typing import Any

from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy

from zhenwu.accounts.forms import LoginForm
from zhenwu.accounts.throttle import seconds_to_wait, too_often
from zhenwu.accounts.watching import address_of
from zhenwu.packs import runtime
from zhenwu.packs.errors import RestartNeeded


class Login(auth.LoginView):
    template_name = "login.html"
    redirect_authenticated_user = True
    authentication_form = LoginForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """axes locks one name tried from one address; this keeps an address from trying many names."""
        if wait := seconds_to_wait("login", address_of(request)):
            return too_often(request, "login", wait)
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Without Django's own `site`, which would hide ours: the page says whose system this is."""
        context = super().get_context_data(**kwargs)
        context.pop("site")
        return context


class ChangePassword(auth.PasswordChangeView):
    template_name = "password.html"
    success_url = reverse_lazy("desk")
    extra_context = {"title": "修改密码"}

    def form_valid(self, form: object) -> HttpResponse:
        response = super().form_valid(form)  # type: ignore[arg-type]
        user = self.request.user
        if user.is_authenticated and user.must_change_password:
            user.must_change_password, user.code_until = False, None
            user.save(update_fields=["must_change_password", "code_until"])
        return response


@login_not_required
def health(request: HttpRequest) -> HttpResponse:
    """200 while the database answers and the packs are the applied ones; for process supervisors."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    try:
        runtime.ensure_current()
    except RestartNeeded:
        return HttpResponse("restart", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "errors/500.html", status=500)
