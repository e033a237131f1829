from django.urls import path

from zhenwu.api import views

app_name = "api"
urlpatterns = [
    path("<path:path>", views.operation, name="operation"),
]
