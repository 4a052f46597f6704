{{- define "sealock.labels" -}}
app.kubernetes.io/name: sealock
app.kubernetes.io/part-of: sealock
{{- end }}
