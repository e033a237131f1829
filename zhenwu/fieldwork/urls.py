from django.urls import path

from zhenwu.fieldwork import views

app_name = "fieldwork"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("<uuid:pk>/", views.plan, name="plan"),
    path("<uuid:pk>/visits.xlsx", views.sheet, name="sheet"),
    path("visits/<uuid:pk>/", views.visit, name="visit"),
    path("visits/<uuid:pk>/correct/", views.correct, name="correct"),
]
