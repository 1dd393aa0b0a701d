"""python -m tests.processes.decide NAME ACTION: a moderator who always decides the same.

It says that it is ready, then reads a post's id, the version that was seen and the moment to
decide on it, and answers with the number of the entry or with the name of the refusal.
"""

import sys
import time

import django

django.setup()

from cmdebate.accounts.models import User  # noqa: E402
from discussions.models import Action, Ground, Post  # noqa: E402
from discussions.moderation.decisions import DecisionRefused, decide  # noqa: E402
from discussions.moderation.statements import Statement  # noqa: E402

SAID = Statement(ground=Ground.OFF_TOPIC, facts="Il parle d’autre chose.", reason="Hors du mot.")
moderator = User.objects.get(name=sys.argv[1])
action = Action(sys.argv[2])

print("ready", flush=True)
for line in sys.stdin:
    public_id, seen, moment = line.split()
    post = Post.objects.get(public_id=public_id)
    while time.monotonic() < float(moment):
        pass
    try:
        entry = decide(action, post, moderator, seen=seen, said=SAID)
        print(entry.number, flush=True)
    except DecisionRefused as refusal:
        print(type(refusal).__name__, flush=True)
