"""Who hears of what.

- A member follows essays, threads, definitions, tags, members, terms: a form on each page.
  Following an essay is following all that is said under it and under its original comments;
  a thread or a definition, the replies to it, and its amendments; a tag, the essays that bear
  it; a member, all that they publish; a term, its new definitions.
- A definition, or an amendment, is followed by its author from its first publication on, until
  they stop.
- Who is answered hears of it, whatever they follow. So does who is mentioned, whose definition
  somebody would amend, and who proposed that, of the answer.
- A post is told of when it is first published, once to each person, for the most precise
  reason; never to its author. An edit, a hiding, a return tell nobody.
- The author of a definition hears that a clause of it bears a label: of one at a time, until
  they have read of it or written the clause anew, and for as long as it stands.
- What was decided on a text, its author hears, whatever they chose.
- Nothing that has left the page is told of: notices and letters are read, and counted, by
  what their reader may see at that moment.

follows.py holds what one follows, visits.py what is new since one came, notices.py who is
told, letters.py the mail, digests.py the daily and weekly one.
"""

from cmdebate.accounts.models import User
from discussions.models import Follow, Letter, Notice, Preferences, Visit


def forget(member: User) -> None:
    """Takes away all that is kept here of somebody who leaves."""
    for model in (Letter, Notice, Visit, Preferences, Follow):
        owner = {Letter: "recipient", Notice: "person"}.get(model, "member")
        model._default_manager.filter(**{owner: member}).delete()
    Follow.objects.filter(person=member).delete()
