"""The desk, under /moderation/."""

from django.urls import path

from . import desk, month_views, panels
from .policy.views import policy

app_name = "moderation"

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("animer/", panels.animate, name="animate"),
    path("veiller/", panels.watch, name="watch"),
    path("messages/<slug:public_id>/", desk.post_case, name="post"),
    path("commentaires/<slug:slug>/<slug:ref>/", desk.comment_case, name="comment"),
    path("membres/<str:name>/", desk.member_case, name="member"),
    path("fils/<int:pk>/", desk.thread_case, name="thread"),
    path("lot/", desk.several, name="several"),
    path("annuler/<int:number>/", desk.undo_decision, name="undo"),
    path("presence/", desk.presence, name="presence"),
    path("bilan/", month_views.month_list, name="months"),
    path("bilan/<str:month>.csv", month_views.monthly_csv, name="monthly_csv"),
    path("bilan/<str:month>.json", month_views.monthly_json, name="monthly_json"),
    path("bilan/<str:month>/", month_views.monthly, name="monthly"),
    path("politique/", policy, name="policy"),
]
