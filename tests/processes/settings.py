"""The settings of a local site on which one person may post as fast as a machine can."""

from cmdebate.settings import *  # noqa: F403
from cmdebate.settings import ACCOUNT_RATE_LIMITS

POST_LIMITS = []
# None, not a large number: who is killed while counting would keep the others from it for
# the ten seconds that allauth's lock lasts.
ACCOUNT_RATE_LIMITS = ACCOUNT_RATE_LIMITS | {"post": None}
