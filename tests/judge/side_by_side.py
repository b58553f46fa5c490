"""Core's answer and the judge's to one request, side by side."""
