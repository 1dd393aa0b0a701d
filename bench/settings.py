"""The settings of a site on which a few members post without a pause, every check included.

Their addresses come from a header, as behind a proxy, so that no limit by address is lifted.
"""

import os

os.environ["TRUSTED_PROXIES"] = "1"

from cmdebate.settings import *  # noqa: F403

POST_LIMITS = [(1_000_000, 60), (1_000_000, 3600)]
