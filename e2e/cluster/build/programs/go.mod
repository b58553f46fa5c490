// Small static programs of our own, for images and nodes: nothing but Go's own library.
module kubeapprove.invalid/e2e/cluster/programs

go 1.26.0
