"""Changes that members propose to somebody else's definition.

An amendment is a whole definition, written on a version of another one (`Revision.base`). The
author of that one accepts it, which makes a new version of theirs, or declines it with a word
in the amendment's own thread. Both are texts, and wait where their author's texts do: the
answer is known, and counts, once readers have it (outcomes.py).

An amendment repeats words of the definition: nobody reads it who may not read that one.
"""
