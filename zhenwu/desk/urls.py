from django.urls import path

from zhenwu.desk import views

urlpatterns = [
    path("", views.desk, name="desk"),
    path("search/", views.search, name="search"),
]
