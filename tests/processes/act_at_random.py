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
from essays.models import Essay, OriginalComment  # noqa: E402
from tests import factories  # noqa: E402

chance = Random(sys.argv[1])  # noqa: S311
manager = User.objects.get(name="animatrice")
member = User.objects.get(name="membre")
owner = User.objects.get(name="proprietaire")
essay = Essay.objects.get(slug="qu-est-ce-que-la-community")


def some(posts):
    return chance.choice(list(posts) or [None])


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
    return f"approve {factories.act('approve', post, manager)}" if post else "nothing"


def refuse() -> str:
    post = some(Post.objects.waiting())
    return f"refuse {factories.act('refuse', post, manager)}" if post else "nothing"


def hide() -> str:
    post = some(Post.objects.filter(state="published").exclude(author=owner).order_by("pk"))
    return f"hide {factories.act('hide', post, owner)}" if post else "nothing"


def restore() -> str:
    # What an original comment took with it comes back with that.
    hidden = Post.objects.filter(state="hidden", restriction__post__isnull=False)
    post = some(hidden.exclude(author=owner).order_by("pk"))
    return f"restore {factories.act('restore', post, owner)}" if post else "nothing"


def edit() -> str:
    post = some(Post.objects.filter(kind="reply", state="published").order_by("pk"))
    return f"edit {factories.edit(post, f'Nouveau {chance.random()}')}" if post else "nothing"


def withdraw() -> str:
    post = some(Post.objects.filter(state="published", author__isnull=False).order_by("pk"))
    return f"withdraw {factories.withdrawn(post)}" if post else "nothing"


def decide_on_a_comment() -> str:
    comment = chance.choice(list(OriginalComment.objects.filter(essay=essay, kind="comment")))
    act = "restore" if comment.is_hidden else "hide"
    return f"{act} {factories.act(act, comment, manager)}"


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
