from django.urls import path

from zhenwu.residents.views import doubles, events, pages

app_name = "residents"
urlpatterns = [
    path("households/<uuid:row>/", pages.household_page, name="household"),
    path("persons/<uuid:row>/", pages.person_page, name="person"),
    path("persons/<uuid:row>/split/", doubles.split, name="split"),
    path("doubles/", doubles.proposals, name="doubles"),
    path("doubles/<uuid:low>/<uuid:high>/", doubles.compare, name="compare"),
    path("events/new/", events.start, name="start"),
    path("events/new/<slug:kind>/", events.enter, name="enter"),
    path("events/<uuid:row>/", events.event_page, name="event"),
    path("events/<uuid:row>/relations/<uuid:household>/", events.relations, name="relations"),
    path("events/<uuid:row>/effect/", events.effect, name="effect"),
    path("events/<uuid:row>/undo/", events.take_back_effect, name="undo_effect"),
    path("events/<uuid:row>/todos/<uuid:line>/", events.todo, name="todo"),
]
