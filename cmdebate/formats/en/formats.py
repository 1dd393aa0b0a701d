"""Dates in the order of the French pages: 20 November 2026, 14:31."""

DATE_FORMAT = "j\u00a0F\u00a0Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = f"{DATE_FORMAT}, {TIME_FORMAT}"
SHORT_DATE_FORMAT = "j\u00a0M Y"
