// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The tree in which secrets are looked for: source text, and files with one secret each.
const (
	secretFiles   = 5000
	secretBytes   = 72 << 20
	planted       = 100
	targetSecrets = 0.2 // of gitleaks' CPU time
)

// secrets compares the search for secrets with gitleaks' own, at the depth of decoding that sealock uses. The ratio is that of CPU time. Both must find
// the same.
func secrets(ctx context.Context, b *bench) error {
	gitleaks, err := b.tool(ctx, "gitleaks")
	if err != nil {
		return b.unbuilt("secret scan", err)
	}
	dir := filepath.Join(b.dir, "secrets", "tree")
	if err := writeSources(ctx, dir, secretFiles-planted, secretBytes); err != nil {
		return err
	}
	for i := range planted {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("service-%03d.env", i)), []byte(secretText(i)), 0o600); err != nil {
			return err
		}
	}
	out := func(name string) string { return filepath.Join(b.dir, "secrets", name) }
	ours := b.step(b.sealock, "scan", "dir:"+dir, "--only", "secrets", "-o", "json")
	ours.Out = out("sealock.json")
	theirs := b.step(gitleaks, "dir", ".", "--max-decode-depth", "5", "--no-banner", "--exit-code", "0", "--report-format", "json", "--report-path", out("gitleaks.json"))
	theirs.Dir = dir
	pair, err := compare(ctx, min(b.k, 3), Side{Name: "sealock", Job: Job{ours}}, Side{Name: "gitleaks", Job: Job{theirs}})
	if err != nil {
		return err
	}
	n, err := sameSecrets(out("sealock.json"), out("gitleaks.json"))
	if err != nil {
		return err
	}
	pair.Ratio = float64(pair.A.CPU) / float64(pair.B.CPU)
	b.say("%.2f MB a CPU-second, gitleaks %.2f", secretBytes/1e6/pair.A.CPU.Seconds(), secretBytes/1e6/pair.B.CPU.Seconds())
	b.add(Row{Case: fmt.Sprintf("secret scan, %d files, %d MB, %d findings, ratio of CPU time", secretFiles, secretBytes>>20, n), Peer: "gitleaks", Pair: pair, Target: targetSecrets})
	return nil
}

// secretText is a file with something that looks like a secret, every second time encoded. It is put together here so that the source of this program
// holds none.
func secretText(i int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "secret %d", i))
	value := "gh" + "p_" + hex.EncodeToString(sum[:])[:36]
	if i%2 == 1 {
		value = base64.StdEncoding.EncodeToString([]byte("token " + value))
	}
	return strings.Repeat("# a service\nPORT=8080\n", 20) + "SERVICE_VALUE=" + value + "\n"
}

// secretFinding is a finding of either tool. A secret may begin on a later line than what gitleaks reports, but not beyond its end.
type secretFinding struct {
	rule, file string
	from, to   int
}

// sameSecrets fails unless each finding of one tool is one of the other. It gives their number.
func sameSecrets(sealock, gitleaks string) (int, error) {
	var s struct {
		Secrets struct {
			Findings []struct {
				Rule, Path string
				Line       int
			}
		}
	}
	var g []struct {
		RuleID, File       string
		StartLine, EndLine int
	}
	if err := readJSON(sealock, &s); err != nil {
		return 0, err
	}
	if err := readJSON(gitleaks, &g); err != nil {
		return 0, err
	}
	var ours, theirs []secretFinding
	for _, f := range s.Secrets.Findings {
		if strings.Contains(f.Path, ".v2/") {
			continue // gitleaks dir takes such a folder for a file that it leaves out
		}
		ours = append(ours, secretFinding{f.Rule, f.Path, f.Line, f.Line})
	}
	for _, f := range g {
		theirs = append(theirs, secretFinding{f.RuleID, f.File, f.StartLine, f.EndLine})
	}
	for _, side := range [][2][]secretFinding{{ours, theirs}, {theirs, ours}} {
		for _, f := range side[0] {
			if !slices.ContainsFunc(side[1], f.same) {
				return 0, fmt.Errorf("only one of sealock and gitleaks finds %+v", f)
			}
		}
	}
	if len(ours) < planted {
		return 0, fmt.Errorf("%d findings, expected at least %d", len(ours), planted)
	}
	return len(ours), nil
}

func (f secretFinding) same(o secretFinding) bool {
	return f.rule == o.rule && f.file == o.file && f.from <= o.to && o.from <= f.to
}

func readJSON(file string, into any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	return nil
}
