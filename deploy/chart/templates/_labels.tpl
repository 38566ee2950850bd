{{- define "magtape.labels" -}}
app: magtape
app.kubernetes.io/name: magtape
{{- end }}
