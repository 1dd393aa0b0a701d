"""python -m tests.processes.act_at_random SEED: at each line that it reads, does something.

Members write, edit and withdraw, moderators decide, the owner gives roles. It says what it
has done, once that is committed.
"""

import sys
from random import Random

import django

django.setup()

from django.test import Client  # noqa: E402

from cmdebate.accounts.models import User  # noqa: E402
from discussions.models import Post  # noqa: E402
from discussions.moderation.decisions import NotYours  # noqa: E402
from essays.models import Essay, OriginalComment  # noqa: E402
from tests import factories  # noqa: E402

chance = Random(sys.argv[1])  # noqa: S311
manager = User.objects.get(name="animatrice")
member = User.objects.get(name="membre")
owner = User.objects.get(name="proprietaire")
essay = Essay.objects.get(slug="qu-est-ce-que-la-community")


def some(posts):
    return chance.choice(list(posts) or [None])


def decided(action, target) -> str:
    """By the owner, who writes nothing; but nobody decides in an exchange of their own."""
    if target is None:
        return "nothing"
    try:
        return f"{action} {factories.act(action, target, owner)}"
    except NotYours:
        return f"nobody does {action} on {target}"


def write() -> str:
    subject = some([essay, essay, *Post.objects.filter(state="published").order_by("pk")])
    author = chance.choice([manager, member])
    text = f"Texte {chance.random()}"
    if chance.random() < 0.3:
        factories.definition(author, ("is", text))
    else:
        factories.reply(subject, author, text)
    return f"write, by {author}"


def approve() -> str:
    post = some(Post.objects.waiting())
    return decided("approve", post)


def refuse() -> str:
    post = some(Post.objects.waiting())
    return decided("refuse", post)


def hide() -> str:
    post = some(Post.objects.filter(state="published").exclude(author=owner).order_by("pk"))
    return decided("hide", post)


def restore() -> str:
    # What an original comment took with it comes back with that.
    hidden = Post.objects.filter(state="hidden", restriction__post__isnull=False)
    post = some(hidden.exclude(author=owner).order_by("pk"))
    return decided("restore", post)


def edit() -> str:
    post = some(Post.objects.filter(kind="reply", state="published").order_by("pk"))
    return f"edit {factories.edit(post, f'Nouveau {chance.random()}')}" if post else "nothing"


def withdraw() -> str:
    post = some(Post.objects.filter(state="published", author__isnull=False).order_by("pk"))
    return f"withdraw {factories.withdrawn(post)}" if post else "nothing"


def decide_on_a_comment() -> str:
    comment = chance.choice(list(OriginalComment.objects.filter(essay=essay, kind="comment")))
    act = "restore" if comment.is_hidden else "hide"
    return decided(act, comment)


def give_a_role() -> str:
    """Through the admin, as the owner would."""
    client = Client(headers={"host": "localhost"})
    client.force_login(owner)
    member.refresh_from_db()
    role = "owner" if member.role == "member" else "member"
    response = client.post(f"/admin/accounts/user/{member.pk}/change/", {"role": role})
    assert response.status_code == 302, response.text
    return f"{member} is now {role}"


ACTS = [write, write, write, approve, approve, refuse, hide, restore, edit, withdraw]
ACTS += [decide_on_a_comment, give_a_role]

print("ready", flush=True)
for _line in sys.stdin:
    print(chance.choice(ACTS)(), Post.objects.count(), flush=True)
