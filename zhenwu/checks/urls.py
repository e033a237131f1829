from django.urls import path

from zhenwu.checks.views import findings, lists, rules, runs

app_name = "checks"
urlpatterns = [
    path("", lists.index, name="index"),
    path("bulk/", lists.bulk, name="bulk"),
    path("rates/", lists.rates, name="rates"),
    path("register.<str:kind>", lists.register, name="register"),
    path("run/", runs.run, name="run"),
    path("rules/", rules.rules, name="rules"),
    path("rules/<str:code>/", rules.rule, name="rule"),
    path("checks/<str:code>/", runs.check, name="check"),
    path("coverage/", runs.coverages, name="coverages"),
    path("coverage/<str:code>/", runs.coverage, name="coverage"),
    path("<uuid:pk>/", findings.finding, name="finding"),
    path("<uuid:pk>/extension/<int:extension>/", findings.decide, name="extension"),
    path("<uuid:pk>/files/<str:digest>/", findings.evidence, name="evidence"),
    path("<uuid:pk>/<slug:code>/", findings.act, name="act"),
]
