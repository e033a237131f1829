from django.urls import path

from zhenwu.checks import views

app_name = "checks"
urlpatterns = [
    path("", views.index, name="index"),
    path("run/", views.run, name="run"),
    path("coverage/", views.coverages, name="coverages"),
    path("coverage/<str:code>/", views.coverage, name="coverage"),
    path("<uuid:pk>/", views.finding, name="finding"),
    path("<uuid:pk>/explain/", views.explain, name="explain"),
    path("<uuid:pk>/close/", views.close, name="close"),
    path("<uuid:pk>/reopen/", views.reopen, name="reopen"),
]
