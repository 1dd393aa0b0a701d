"""The desk, under /moderation/."""

from django.urls import path

from . import views

app_name = "moderation"

urlpatterns = [
    path("", views.desk, name="desk"),
    path("messages/<slug:public_id>/", views.post_case, name="post"),
    path("commentaires/<slug:slug>/<slug:ref>/", views.comment_case, name="comment"),
]
