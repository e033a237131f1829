from django.urls import path

from zhenwu.accounts.views import delegations, log, posts, units, users

app_name = "accounts"
urlpatterns = [
    path("users/", users.users, name="users"),
    path("users/new/", users.new, name="new_user"),
    path("users/<int:user>/", users.user_page, name="user"),
    path("users/<int:user>/code/", users.code, name="code"),
    path("users/<int:user>/approve/", users.approve, name="approve"),
    path("users/<int:user>/unlock/", users.unlock, name="unlock"),
    path("users/<int:user>/deactivate/", users.deactivate, name="deactivate"),
    path("users/<int:user>/appoint/", posts.new_post, name="appoint"),
    path("posts/<int:post>/end/", posts.end_post, name="end_post"),
    path("posts/<int:post>/move/", posts.move_post, name="move_post"),
    path("units/", units.units, name="units"),
    path("units/new/", units.new_unit, name="new_unit"),
    path("units/<int:unit>/", units.edit_unit, name="edit_unit"),
    path("grants/", posts.grants, name="grants"),
    path("grants/new/", posts.new_grant, name="new_grant"),
    path("grants/<int:grant>/end/", posts.end_given, name="end_grant"),
    path("delegations/", delegations.delegations, name="delegations"),
    path("delegations/new/", delegations.new, name="new_delegation"),
    path("delegations/<uuid:delegation>/end/", delegations.end, name="end_delegation"),
    path("log/", log.log, name="log"),
    path("log/export.<str:kind>", log.export, name="export_log"),
    path("log/changes/", log.changes, name="changes"),
]
