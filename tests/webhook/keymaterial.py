"""The installation's Secret as a test knows it."""

import base64

PATH = "p4th" * 12
DATA = {"hmac": base64.b64encode(b"h" * 32).decode(), "path": base64.b64encode(PATH.encode()).decode()}
