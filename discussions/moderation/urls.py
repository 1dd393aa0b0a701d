"""The desk, under /moderation/."""

from django.urls import path

from . import desk

app_name = "moderation"

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("messages/<slug:public_id>/", desk.post_case, name="post"),
    path("commentaires/<slug:slug>/<slug:ref>/", desk.comment_case, name="comment"),
    path("membres/<str:name>/", desk.member_case, name="member"),
    path("fils/<int:pk>/", desk.thread_case, name="thread"),
    path("lot/", desk.several, name="several"),
    path("annuler/<int:number>/", desk.undo_decision, name="undo"),
    path("presence/", desk.presence, name="presence"),
]
