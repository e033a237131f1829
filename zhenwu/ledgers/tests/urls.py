"""The pages of this room alone, under the addresses they have in the whole."""

from django.contrib.auth import views as auth
from django.urls import include, path

urlpatterns = [
    path("login/", auth.LoginView.as_view(template_name="login.html"), name="login"),
    path("ledgers/", include("zhenwu.ledgers.urls")),
]
