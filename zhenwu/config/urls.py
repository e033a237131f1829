"""Where each room's pages hang."""

from django.contrib.auth import views as auth
from django.urls import include, path

from zhenwu.config import views

urlpatterns = [
    path("", include("zhenwu.desk.urls")),
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/", views.ChangePassword.as_view(), name="password_change"),
    path("healthz", views.health, name="health"),
    path("accounts/", include("zhenwu.accounts.urls")),
    path("ledgers/", include("zhenwu.ledgers.urls")),
    path("residents/", include("zhenwu.residents.urls")),
    path("figures/", include("zhenwu.indicators.urls")),
    path("findings/", include("zhenwu.checks.urls")),
    path("plans/", include("zhenwu.plans.urls")),
    path("reports/", include("zhenwu.reports.urls")),
    path("fieldwork/", include("zhenwu.fieldwork.urls")),
    path("places/", include("zhenwu.places.urls")),
    path("api/", include("zhenwu.api.urls")),
]
handler400 = "zhenwu.config.views.bad_request"
handler403 = "zhenwu.config.views.forbidden"
handler404 = "zhenwu.config.views.not_found"
handler500 = "zhenwu.config.views.server_error"
