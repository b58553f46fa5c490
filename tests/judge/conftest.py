"""What was judged is printed at the end of a run."""

from tests.judge.summary import pytest_terminal_summary

__all__ = ["pytest_terminal_summary"]
