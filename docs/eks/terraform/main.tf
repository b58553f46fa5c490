data "aws_eks_cluster" "this" {
  name = var.cluster_name
}

# The agent. Of AWS it may look up the cluster, and nothing else: whoever can write access entries, or assume an approver's
# role, goes around the gate outside of the cluster.
resource "aws_iam_role" "agent" {
  name               = var.agent_role_name
  assume_role_policy = var.agent_assume_role_policy
}

resource "aws_iam_role_policy" "agent" {
  name = "describe-cluster"
  role = aws_iam_role.agent.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "eks:DescribeCluster", Resource = data.aws_eks_cluster.this.arn }
    ]
  })
}

# By groups alone. No aws_eks_access_policy_association: what the agent may do is said by RBAC, which the gate's own
# admission policies watch.
resource "aws_eks_access_entry" "agent" {
  cluster_name      = var.cluster_name
  principal_arn     = aws_iam_role.agent.arn
  kubernetes_groups = [var.agent_group]
  type              = "STANDARD"

  lifecycle {
    precondition {
      condition     = data.aws_eks_cluster.this.access_config[0].authentication_mode != "CONFIG_MAP"
      error_message = "Set the cluster's authentication mode to API_AND_CONFIG_MAP or API: it knows no access entries yet."
    }
  }
}

resource "aws_eks_access_entry" "approver" {
  for_each = var.approver_role_arns

  cluster_name      = var.cluster_name
  principal_arn     = each.value
  kubernetes_groups = [var.approver_group]
  type              = "STANDARD"
}

# Control plane to webhook, for nodes outside of the cluster security group, whose members reach each other anyway.
resource "aws_vpc_security_group_ingress_rule" "webhook" {
  for_each = var.node_security_group_ids

  security_group_id            = each.value
  referenced_security_group_id = data.aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 9443
  to_port                      = 9443
  description                  = "API server to kubeapprove"
}

locals {
  values = {
    agents            = [{ kind = "IAMRole", name = aws_iam_role.agent.arn }]
    approvers         = [{ kind = "Group", name = var.approver_group }]
    settings          = { namedSessionRoles = var.named_session_roles }
    image             = { repository = var.image_repository, digest = var.image_digest }
    networkPolicy     = { apiServerCIDRs = var.control_plane_cidrs }
    admissionPolicies = { enabled = true, agentGroups = [var.agent_group] }
  }
}

resource "helm_release" "kubeapprove" {
  name             = "kubeapprove"
  namespace        = "kubeapprove-system"
  create_namespace = true
  chart            = "${path.module}/../../../charts/kubeapprove"
  values           = [yamlencode(local.values)]
  timeout          = 600

  depends_on = [aws_vpc_security_group_ingress_rule.webhook]
}

# Who may ask, and who may approve; the ClusterRoles come with the chart. What else the agent may do is yours to bind.
resource "kubernetes_cluster_role_binding_v1" "requester" {
  metadata {
    name = "ai-agents-ask"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "kubeapprove-requester"
  }
  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = var.agent_group
  }

  depends_on = [helm_release.kubeapprove]
}

resource "kubernetes_cluster_role_binding_v1" "approver" {
  metadata {
    name = "platform-approves"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "kubeapprove-approver"
  }
  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = var.approver_group
  }

  depends_on = [helm_release.kubeapprove]
}

# A dot for each quotation mark: filter patterns know none in a regular expression.
resource "aws_cloudwatch_log_metric_filter" "refusals" {
  for_each = var.audit_metrics ? toset(["ask", "deny"]) : toset([])

  name           = "kubeapprove-${each.value}"
  log_group_name = "/aws/eks/${var.cluster_name}/cluster"
  pattern        = "%changes.kubeapprove.io/verdict.:.${each.value}%"

  metric_transformation {
    namespace = "kubeapprove"
    name      = each.value
    value     = "1"
  }
}
