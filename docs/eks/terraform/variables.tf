variable "cluster_name" {
  description = "The EKS cluster; its authentication mode must know access entries."
  type        = string
}

variable "agent_role_name" {
  description = "The agent's IAM role, which is made here."
  type        = string
  default     = "ai-agent"
}

variable "agent_assume_role_policy" {
  description = "Who may become the agent, as the role's trust policy in JSON. Never anybody who approves."
  type        = string
}

variable "agent_group" {
  description = "The Kubernetes group of the agent's access entry."
  type        = string
  default     = "ai-agents"

  validation {
    condition     = !startswith(var.agent_group, "system:")
    error_message = "Name a group of the agents' own: a group of the system's cannot be an agent."
  }
}

variable "approver_role_arns" {
  description = "Roles that the people who approve sign in with; [] where they have access entries already."
  type        = set(string)
  default     = []
}

variable "approver_group" {
  description = "The Kubernetes group of the approvers' access entries."
  type        = string
  default     = "platform-engineers"
}

variable "named_session_roles" {
  description = "Those of the roles whose session names the identity provider sets, so that each session is a person of its own."
  type        = list(string)
  default     = []
}

variable "image_repository" {
  description = "Where the nodes find kubeapprove's image."
  type        = string
}

variable "image_digest" {
  description = "Its digest, sha256:…"
  type        = string
}

variable "control_plane_cidrs" {
  description = "Subnets that hold the cluster's network interfaces alone, and the address of the Service kubernetes; [] opens the webhook's port."
  type        = list(string)
  default     = []
}

variable "node_security_group_ids" {
  description = "Security groups of nodes or Pods that are not in the cluster security group; [] for managed node groups and Fargate."
  type        = set(string)
  default     = []
}

variable "audit_metrics" {
  description = "Count refusals in the audit log; the cluster must send its audit log to CloudWatch."
  type        = bool
  default     = false
}
