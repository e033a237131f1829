from django.urls import path

from zhenwu.reports import views

app_name = "reports"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("<uuid:pk>/", views.report, name="report"),
    path("<uuid:pk>/docx/", views.docx, name="docx"),
    path("<uuid:pk>/differences/", views.differences, name="differences"),
    path("<uuid:pk>/freeze/", views.freeze, name="freeze"),
]
