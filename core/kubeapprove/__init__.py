"""The rules of kubeapprove: pure functions over values, no network, no files, no clock."""
