"""python -m tests.processes.vote NAME: a member who votes without end, or a clock.

It says that it is ready, reads a call's id and goes on until that is closed, approving all
candidates and none in turn; named “clock”, it closes what is due instead. Then it says how
often it was heard.
"""

import sys
import time
from itertools import cycle

import django

django.setup()

from django.utils import timezone  # noqa: E402

from cmdebate.accounts.models import User  # noqa: E402
from discussions.calls import acts, voting  # noqa: E402
from discussions.models import Call  # noqa: E402

name = sys.argv[1]

print("ready", flush=True)
call = Call.objects.get(post__public_id=sys.stdin.readline().strip())
heard = 0
if name == "clock":
    while not Call.objects.get(pk=call.pk).closed_at:
        heard += acts.close_due(timezone.now())
else:
    voter = User.objects.get(name=name)
    candidates = voting.on_ballot(call).select_related("definition__post__published_revision")
    versions = [each.definition.post.published_revision for each in candidates]
    for approved in cycle((versions, [])):
        try:
            voting.vote(voter, call, approved)
            heard += 1
            time.sleep(0.02)  # SQLite knows no queue: the other one shall have a chance
        except voting.NotOpen:
            break
print(heard, flush=True)
