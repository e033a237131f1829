from django.urls import path

from zhenwu.places.views import drafting, events, overview, papers, place, posts, steps

app_name = "places"
urlpatterns = [
    path("", overview.tree_page, name="tree"),
    path("map/", overview.map_page, name="map"),
    path("events/", events.index, name="events"),
    path("events/new/", drafting.kinds, name="kinds"),
    path("events/new/<str:kind>/", drafting.new, name="new"),
    path("events/<uuid:event>/", events.show, name="event"),
    path("events/<uuid:event>/edit/", drafting.edit, name="edit"),
    path("events/<uuid:event>/papers/", papers.add, name="papers"),
    path("events/<uuid:event>/papers/<str:digest>/", papers.download, name="paper"),
    path("events/<uuid:event>/papers/<str:digest>/remove/", papers.remove, name="paper_remove"),
    path("events/<uuid:event>/posts/", posts.show, name="posts"),
    path("events/<uuid:event>/vote/<uuid:place>/", steps.vote, name="vote"),
    path("events/<uuid:event>/step/<str:act>/", steps.step, name="step"),
    path("<uuid:pk>/", place.show, name="place"),
]
