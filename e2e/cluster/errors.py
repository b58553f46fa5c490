"""The one exception of the cluster fixture: its text is one sentence that names the remedy."""


class ClusterError(Exception):
    """Something a person has to do or to know; shown without a traceback by every command here."""
