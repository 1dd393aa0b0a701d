"""python -m tests.processes.post_replies NAME SLUG COUNT: a process that posts without a pause.

It says that it is ready, waits for a line, then sends that many replies to the essay or to one
of the latest replies, whoever posted it.
"""

import sys
from random import Random
from uuid import uuid4

import django

django.setup()

from cmdebate.accounts.models import User  # noqa: E402
from discussions import posting  # noqa: E402
from discussions.models import Post  # noqa: E402
from essays.models import Essay  # noqa: E402

name, slug, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
author = User.objects.create_user(name, "", role=User.Role.COMMUNITY_MANAGER)
essay = Essay.objects.get(slug=slug)
chance = Random(name)  # noqa: S311

print("ready", flush=True)
sys.stdin.readline()

for number in range(count):
    earlier = Post.objects.filter(thread__essay=essay).order_by("-pk")[:100]
    subject = chance.choice([essay, *earlier])
    posting.reply(author, subject, f"{name}, {number}", form_key=uuid4())
