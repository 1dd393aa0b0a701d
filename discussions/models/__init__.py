from .agreement import Label, Reaction
from .amendments import Amendment
from .calls import Approval, Ballot, Call, Candidacy
from .decisions import Action, Decision, DecisionPayload, Ground, RecordHead
from .definitions import Clause, Definition
from .desk import Case, Complaint, Note, ReadyReason, Suggestion
from .imports import ImportedReply
from .notices import Follow, Letter, Notice, Preferences, Rhythm, Visit
from .passages import Passage
from .policies import Month, PolicyVersion
from .posts import Post, Relation, Revision, Thread
from .prompts import Prompt
from .quotations import PostQuotation, Quotations
from .search import SearchDocument
from .survey import Answer, Survey
from .targets import Target
from .votes import Vote

__all__ = [
    "Action",
    "Amendment",
    "Answer",
    "Approval",
    "Ballot",
    "Call",
    "Candidacy",
    "Case",
    "Clause",
    "Complaint",
    "Decision",
    "DecisionPayload",
    "Definition",
    "Follow",
    "Ground",
    "ImportedReply",
    "Label",
    "Letter",
    "Month",
    "Note",
    "Notice",
    "Passage",
    "PolicyVersion",
    "Post",
    "PostQuotation",
    "Preferences",
    "Prompt",
    "Quotations",
    "Reaction",
    "ReadyReason",
    "RecordHead",
    "Relation",
    "Revision",
    "Rhythm",
    "SearchDocument",
    "Suggestion",
    "Survey",
    "Target",
    "Thread",
    "Visit",
    "Vote",
]
