from django.urls import path

from zhenwu.indicators import views

app_name = "indicators"
urlpatterns = [
    path("", views.index, name="index"),
    path("<path:code>/trace.xlsx", views.trace_xlsx, name="trace_xlsx"),
    path("<path:code>/", views.figure, name="figure"),  # a code may end in a part: hz_sector.消防
]
