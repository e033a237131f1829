from django.urls import path

from zhenwu.plans import views, views_review

app_name = "plans"
urlpatterns = [
    path("", views.index, name="index"),
    path("upload/", views_review.upload, name="upload"),
    path("<uuid:pk>/", views.plan, name="plan"),
    path("<uuid:pk>/print/", views.print_view, name="print"),
    path("<uuid:pk>/outline/", views.outline, name="outline"),
    path("<uuid:pk>/review/", views_review.review, name="review"),
    path("<uuid:pk>/publish/", views_review.publish_plan, name="publish"),
    path("<uuid:pk>/withdraw/", views_review.withdraw_plan, name="withdraw"),
    path("<uuid:pk>/delete/", views_review.delete_plan, name="delete"),
    path("<uuid:pk>/add/", views_review.add, name="add"),
    path("<uuid:pk>/tasks/<uuid:task>/", views.task, name="task"),
    path("<uuid:pk>/tasks/<uuid:task>/state/", views.state, name="state"),
    path("<uuid:pk>/tasks/<uuid:task>/edit/", views_review.edit, name="edit"),
    path("<uuid:pk>/tasks/<uuid:task>/split/", views_review.split, name="split"),
    path("<uuid:pk>/tasks/<uuid:task>/delete/", views_review.remove, name="remove"),
]
