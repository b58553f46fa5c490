"""Keeps everything true over time: phases, events, retention, the registration."""
