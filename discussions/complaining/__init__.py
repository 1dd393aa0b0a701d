"""The pages on which somebody reports a text or appeals a decision, and reads what came of it.

The verbs behind them are in discussions/complaints.py.
"""
