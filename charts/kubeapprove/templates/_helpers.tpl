{{- define "kubeapprove.image" -}}
{{- $repository := required "image.repository: name where your nodes pull the image from, as --set image.repository=REGISTRY/kubeapprove" .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{ $repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ $repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "kubeapprove.labels" -}}
app.kubernetes.io/name: kubeapprove
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "kubeapprove.selector" -}}
app.kubernetes.io/name: kubeapprove
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- /* Restricted Pod Security, and nothing to write to but memory. */ -}}
{{- define "kubeapprove.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "kubeapprove.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "kubeapprove.settings" -}}
{{- $ours := dict "systemNamespace" .Release.Namespace "approvalsNamespace" .Values.approvalsNamespace -}}
{{- merge $ours .Values.settings | toYaml -}}
{{- end -}}
