"""Dates and numbers as French printers set them: 20 novembre 2026, 14 h 31; 1 204."""

DATE_FORMAT = "j\u00a0F\u00a0Y"
TIME_FORMAT = "G\u00a0\\h\u00a0i"
DATETIME_FORMAT = f"{DATE_FORMAT}, {TIME_FORMAT}"
SHORT_DATE_FORMAT = "j\u00a0N\u00a0Y"
THOUSAND_SEPARATOR = "\u202f"
