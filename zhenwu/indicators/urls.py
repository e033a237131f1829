from django.urls import path

from zhenwu.indicators.views import explain, figure, index

app_name = "indicators"
urlpatterns = [
    path("", index.index, name="index"),
    path("export.xlsx", index.export, name="export"),
    path("<path:code>/trace.xlsx", figure.trace_xlsx, name="trace_xlsx"),
    path("<path:code>/statement/", explain.statement, name="statement"),
    path("<path:code>/", figure.figure, name="figure"),  # a code may end in a part: hz_sector.消防
]
