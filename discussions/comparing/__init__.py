"""Definitions held against each other: clause by clause, and word by word with the essays' own."""
