from .agreement import Label, Reaction
from .amendments import Amendment
from .calls import Approval, Ballot, Call, Candidacy
from .decisions import Action, Decision, DecisionPayload, Ground, RecordHead
from .definitions import Clause, Definition
from .imports import ImportedReply
from .notices import Follow, Letter, Notice, Preferences, Rhythm, Visit
from .passages import Passage
from .posts import Post, Relation, Revision, Thread
from .quotations import PostQuotation, Quotations
from .search import SearchDocument
from .survey import Answer, Survey
from .votes import Vote

__all__ = [
    "Action",
    "Amendment",
    "Answer",
    "Approval",
    "Ballot",
    "Call",
    "Candidacy",
    "Clause",
    "Decision",
    "DecisionPayload",
    "Definition",
    "Follow",
    "Ground",
    "ImportedReply",
    "Label",
    "Letter",
    "Notice",
    "Passage",
    "Post",
    "PostQuotation",
    "Preferences",
    "Quotations",
    "Reaction",
    "RecordHead",
    "Relation",
    "Revision",
    "Rhythm",
    "SearchDocument",
    "Survey",
    "Thread",
    "Visit",
    "Vote",
]
