"""Answers the API server: verdicts on changes, the stamp and the guard on decisions."""
