// SPDX-License-Identifier: Apache-2.0

package initrepo

import (
	"bytes"
	"strconv"
	"text/template"
	"time"

	"go.yaml.in/yaml/v3"
)

// quote writes a string for YAML; Go's quoting of printable text is YAML's.
func quote(s string) string { return strconv.QuoteToGraphic(s) }

// name writes a cleaned name: as it is, or quoted where YAML would take it for a number or a truth value.
func name(s string) string {
	var v any
	if err := yaml.Unmarshal([]byte(s), &v); err == nil && v == any(s) {
		return s
	}
	return quote(s)
}

// expand fills a text with what was found.
func (p *Plan) expand(text string) ([]byte, error) {
	t, err := template.New("").Funcs(template.FuncMap{"quote": quote, "name": name}).Parse(text)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, map[string]any{"Name": p.Name, "Source": p.Source, "Product": p.Product, "PolicyDir": p.PolicyDir, "Store": StoreDir, "Image": p.image(),
		"Example": p.example, "Containers": p.Containers, "Empty": p.empty, "Expires": p.expires().Format(time.RFC3339), "Jobs": p.jobs()})
	return b.Bytes(), err
}

// jobs are the identities of a platform's jobs, as lines below "identities"; none where keys sign.
func (p *Plan) jobs() []string {
	if p.platform == "" {
		return nil
	}
	return p.pipeline.Identities(p.platform)
}

// pipelineText is sealock.yaml. The comments are read by people who see such a file for the first time.
const pipelineText = `# What the pipeline does, stage by stage. What is allowed, and in which order, is said in {{.PolicyDir}}/policy.yaml.
# Run all of it: sealock run --all
apiVersion: sealock/v1
kind: Pipeline
name: {{name .Name}}
policy: ./{{.PolicyDir}}
store: {{.Store}} # signed evidence

stages:
{{- if .Image}}
  # The image as it lies here. Whoever makes it can do so in this stage: give the command as run: [PROGRAM, ARGUMENT, …]
  build:
    subjects: [{{quote .Product}}]
    evidence: [sbom, provenance]

  # The files of all layers, deleted ones too.
  secrets:
    subjects: [{{quote .Product}}]
    evidence: [secrets]

  # Known vulnerabilities, by the data of "sealock db update".
  scan:
    subjects: [{{quote .Product}}]
    evidence: [vulns]
{{- else}}
  # Secrets in the tree, and faults in what it deploys: manifests, charts, Terraform, Dockerfiles, pipelines.
  source:
    subjects: [{{quote .Source}}]
    evidence: [secrets, config]

  # The product is the source tree. To build something of it, add a command and name what it makes, here and in the stage scan:
  #   run: {{.Example.Run}}
  #   inputs: [{{quote .Source}}]
  #   subjects: {{.Example.Product}}
{{- if .Example.Outputs}}
  #   outputs: {{.Example.Outputs}} # no part of {{.Source}}
{{- end}}
{{- range .Containers}}
  # For the image of {{.}}:
  #   run: [docker, buildx, build, --file, {{.}}, --output, "type=oci,tar=false,dest=out/image", .]
  #   subjects: ["oci-layout:out/image"]
{{- end}}
  build:
    subjects: [{{quote .Product}}]
    evidence: [sbom, provenance]

  # Known vulnerabilities, by the data of "sealock db update".
  scan:
    subjects: [{{quote .Product}}]
    evidence: [vulns]
{{- end}}
`

// policyText is policy.yaml.
const policyText = `# What may enter which environment, and who says so. In earnest this file belongs to whoever owns the gate, not to the repository
# that is gated: name it with --policy.
apiVersion: sealock/v1
kind: Policy
name: {{name .Name}}
version: 1 # raise it with each change
expires: {{.Expires}}

{{- if .Jobs}}
trust: {sigstore: public-good}

# Who may sign: each stage has an identity of its own, that of its job in the CI system.
identities:
{{- range .Jobs}}
  {{.}}
{{- end}}
  # Whoever approves, as the certificate of "sealock approve --login browser" names them. Change it before anything goes to prod.
  manager: {issuer: "https://github.com/login/oauth", subject: manager@example.com}
  managers: {anyOf: [manager]} # everyone who may approve
{{- else}}
trust: none # keys only

# Who may sign: each stage has an identity of its own. local:NAME is a key pair in your own key folder, made on first use.
identities:
{{- if .Image}}
  build-job: {key: "local:{{.Name}}-build"}
  secrets-job: {key: "local:{{.Name}}-secrets"}
{{- else}}
  source-job: {key: "local:{{.Name}}-source"}
  build-job: {key: "local:{{.Name}}-build"}
{{- end}}
  scan-job: {key: "local:{{.Name}}-scan"}
  release-job: {key: "local:{{.Name}}-release"}
  manager: {key: "local:{{.Name}}-manager"}
  managers: {anyOf: [manager]} # everyone who may approve
{{- end}}

stages:
{{- if .Image}}
  build: {signedBy: [build-job], evidence: [sbom, provenance]}
  secrets: {after: [build], signedBy: [secrets-job], evidence: [secrets]}
{{- else}}
{{- if eq .Source "git:HEAD"}}
  source: {about: git, signedBy: [source-job], evidence: [secrets, config]} # the whole commit, whatever the pipeline names
{{- else}}
  source: {signedBy: [source-job], evidence: [secrets, config]}
{{- end}}
  build: {after: [source], signedBy: [build-job], evidence: [sbom, provenance]}
{{- end}}
  scan: {after: [build], signedBy: [scan-job], evidence: [vulns], maxAge: {enter: 24h, stay: 720h}}

artifacts:
  {{name .Name}}: {product: build}

environments:
  dev: {stages: [{{if .Image}}build, secrets{{else}}source, build{{end}}], promotedBy: [release-job]}
  staging: {from: dev, stages: [scan], promotedBy: [release-job]}
  prod:
    from: staging
    promotedBy: [release-job]
    approvals: {by: managers, threshold: 1, validFor: 72h, notBy: [build-job]}

# What is refused; "sealock policy show" lists every rule and its parameters.
rules:
  vulnerabilities: {refuse: high, refuseExploited: true}
  secrets: {}
{{- if not .Image}}
  config: {refuse: critical} # "sealock scan dir:." lists what else there is; tighten this as that gets less
{{- end}}
{{- if .Empty}}
  sbom: {allowEmpty: true} # no lockfile here pins a dependency; take this out once one does
{{- else}}
  sbom: {}
{{- end}}
  provenance: {}
  freshness: {} # vulnerability data of at most five days
`
