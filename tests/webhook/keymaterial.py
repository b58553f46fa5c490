"""The installation's Secrets as a test knows them."""

import base64

PATH = "p4th" * 12
SECRETS = {
    ("kubeapprove-system", "kubeapprove-webhook"): {"data": {"hmac": base64.b64encode(b"h" * 32).decode()}},
    ("kubeapprove-system", "kubeapprove-webhook-path"): {"data": {"path": base64.b64encode(PATH.encode()).decode()}},
}
PATH_SECRET = SECRETS["kubeapprove-system", "kubeapprove-webhook-path"]
