output "agent_role_arn" {
  description = "The role that the agent assumes; the policy kubeapprove names it."
  value       = aws_iam_role.agent.arn
}

output "agent_kubeconfig" {
  description = "How the agent gets its kubeconfig."
  value       = "aws eks update-kubeconfig --name ${var.cluster_name} --role-arn ${aws_iam_role.agent.arn}"
}
