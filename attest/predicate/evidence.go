// SPDX-License-Identifier: Apache-2.0

package predicate

import "github.com/sealock-dev/sealock/attest"

// Vulns is in-toto's vulns predicate v0.2
// (https://github.com/in-toto/attestation/blob/main/spec/predicates/vuln.md).
type Vulns struct {
	Scanner  VulnScanner  `json:"scanner"`
	Metadata ScanMetadata `json:"metadata"`
}

// VulnScanner is the tool, its data and what it found.
type VulnScanner struct {
	URI     string       `json:"uri"`
	Version string       `json:"version"`
	DB      VulnDB       `json:"db"`
	Result  []VulnResult `json:"result"`
}

// VulnDB is the vulnerability data. LastUpdate is the oldest date at which a provider's data was captured, if the data says
// so, else Built; the build date alone says nothing about the age of what was built from.
type VulnDB struct {
	URI        string         `json:"uri,omitempty"`
	Version    string         `json:"version,omitempty"` // schema version
	LastUpdate string         `json:"lastUpdate"`
	Digest     string         `json:"digest,omitempty"` // sha256:… of the database file
	Built      string         `json:"built,omitempty"`
	Providers  []DataProvider `json:"providers,omitempty"`
	Packages   int            `json:"packagesExamined"` // packages handed to the matcher
}

// DataProvider is one feed of the vulnerability data.
type DataProvider struct {
	Name     string `json:"name"`
	Captured string `json:"captured"` // RFC 3339
}

// VulnResult is one vulnerability of one package.
type VulnResult struct {
	ID          string           `json:"id"`
	Severity    []Severity       `json:"severity"`
	Annotations []VulnAnnotation `json:"annotations"`
}

// Severity is one source's rating. Method is "sealock" for the level in words (critical, high, medium, low, negligible,
// unknown), or the CVSS version for a vector's score.
type Severity struct {
	Method string `json:"method"`
	Score  string `json:"score"`
}

// VulnAnnotation is what sealock adds to a result. There is one a result.
type VulnAnnotation struct {
	PURL      string   `json:"purl"`
	Name      string   `json:"name"`
	Version   string   `json:"version"`
	FixState  string   `json:"fixState"` // fixed, not-fixed, wont-fix, unknown
	FixedIn   []string `json:"fixedIn"`
	Published string   `json:"published,omitempty"` // RFC 3339, first publication
	KEV       bool     `json:"kev"`                 // in CISA's catalogue of exploited vulnerabilities
	EPSS      float64  `json:"epss"`                // probability of exploitation, 0 to 1
	Aliases   []string `json:"aliases"`
	Locations []string `json:"locations,omitempty"`
	Baseline  bool     `json:"baseline,omitempty"` // it was there before; only in what a scan prints, never in evidence
}

// ScanMetadata has the times of a scan, RFC 3339.
type ScanMetadata struct {
	ScanStartedOn  string `json:"scanStartedOn"`
	ScanFinishedOn string `json:"scanFinishedOn"`
}

// Findings is what a scanner of secrets, configuration or code found (https://github.com/sealock-dev/sealock/findings/v1).
type Findings struct {
	Category   string         `json:"category"` // secrets, config, sast or dast
	Scanner    FindingScanner `json:"scanner"`
	Tools      []Tool         `json:"tools,omitempty"` // others whose reports were imported, by name
	Scope      Scope          `json:"scope"`
	Complete   bool           `json:"complete"` // always true in what sealock writes; a partial scan is an error
	Findings   []Finding      `json:"findings"`
	Rules      []FindingRule  `json:"rules,omitempty"` // those that found something, by id
	Suppressed []Suppressed   `json:"suppressed"`      // what the tree asked to be ignored; it counts as found unless the policy waives it
	Skipped    []string       `json:"skipped"`         // paths that the scanner's own rules leave out, at most 1000 named
	SkippedN   int            `json:"skippedCount"`
	Graph      *FlowGraph     `json:"graph,omitempty"` // of configuration: who may talk to whom
	StartedOn  string         `json:"startedOn"`
	Notes      []string       `json:"notes,omitempty"`
	FinishedOn string         `json:"finishedOn"`
}

// Tool is one whose report was imported, and the report.
type Tool struct {
	FindingScanner
	Report string `json:"report"` // sha256:… of the file
}

// FindingScanner names a tool and the digest of the rules it ran with.
type FindingScanner struct {
	Name        string `json:"name"`
	Version     string `json:"version"`
	RulesDigest string `json:"rulesDigest"` // sha256:…
}

// Scope is how much was looked at.
type Scope struct {
	Files   int   `json:"files"`
	Bytes   int64 `json:"bytes"`
	Commits int   `json:"commits"`
}

// Finding is one thing wrong at one place. It never holds a secret.
type Finding struct {
	Rule        string `json:"rule"`
	Severity    string `json:"severity"` // critical, high, medium, low, unknown
	Message     string `json:"message"`
	Path        string `json:"path"`
	Line        int    `json:"line,omitempty"`   // from 1
	Column      int    `json:"column,omitempty"` // from 1
	EndLine     int    `json:"endLine,omitempty"`
	Commit      string `json:"commit,omitempty"`
	Resource    string `json:"resource,omitempty"` // what it is about, for example Deployment shop/payments
	Found       string `json:"found,omitempty"`
	Expected    string `json:"expected,omitempty"`
	Fix         string `json:"fix,omitempty"`
	Fingerprint string `json:"fingerprint"` // stable across runs: hex of sha256 over rule, path and the secret's own hash, or rule, path, resource and place in it

	CWE          []string `json:"cwe,omitempty"`          // weaknesses, for example CWE-89
	Tools        []string `json:"tools,omitempty"`        // of an imported finding: who says so
	Fingerprints []string `json:"fingerprints,omitempty"` // further ones, where several tools said the same
	Baseline     bool     `json:"baseline,omitempty"`     // it was there before; only in what a scan prints, never in evidence
}

// FindingRule is what findings of one rule have in common.
type FindingRule struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"` // why it matters
	Severity    string   `json:"severity"`
	References  []string `json:"references,omitempty"` // URLs
}

// Suppressed is a request of the scanned tree to ignore something. It never hides a finding.
type Suppressed struct {
	Path string `json:"path"`
	Line int    `json:"line,omitempty"`
	Kind string `json:"kind"` // for example gitleaks:allow, .gitleaksignore, .gitleaks.toml
}

// TestResult is in-toto's test result v0.1 (https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md). Summary, SkippedTests and
// the times are sealock's own; others ignore them.
type TestResult struct {
	Result        string                      `json:"result"`        // PASSED, WARNED or FAILED
	Configuration []attest.ResourceDescriptor `json:"configuration"` // the report that was read
	PassedTests   []string                    `json:"passedTests"`
	WarnedTests   []string                    `json:"warnedTests"`
	FailedTests   []string                    `json:"failedTests"`
	SkippedTests  []string                    `json:"skippedTests"`
	Summary       TestSummary                 `json:"summary"`
	FinishedOn    string                      `json:"finishedOn"`
}

// TestSummary counts tests.
type TestSummary struct {
	Tests   int `json:"tests"`
	Failed  int `json:"failed"`  // an assertion did not hold
	Errored int `json:"errored"` // it broke off
	Skipped int `json:"skipped"`
}

// Provenance is SLSA provenance v1 (https://slsa.dev/spec/v1.0/provenance).
type Provenance struct {
	BuildDefinition BuildDefinition `json:"buildDefinition"`
	RunDetails      RunDetails      `json:"runDetails"`
}

// BuildDefinition is what was asked of the builder.
type BuildDefinition struct {
	BuildType            string                      `json:"buildType"`
	ExternalParameters   map[string]any              `json:"externalParameters"`
	InternalParameters   map[string]any              `json:"internalParameters,omitempty"`
	ResolvedDependencies []attest.ResourceDescriptor `json:"resolvedDependencies"`
}

// RunDetails is who built, and when.
type RunDetails struct {
	Builder    Builder                     `json:"builder"`
	Metadata   BuildMetadata               `json:"metadata"`
	Byproducts []attest.ResourceDescriptor `json:"byproducts,omitempty"`
}

// Builder identifies the build platform.
type Builder struct {
	ID      string            `json:"id"`
	Version map[string]string `json:"version,omitempty"`
}

// BuildMetadata has the run's id and times, RFC 3339.
type BuildMetadata struct {
	InvocationID string `json:"invocationId,omitempty"`
	StartedOn    string `json:"startedOn,omitempty"`
	FinishedOn   string `json:"finishedOn,omitempty"`
}
