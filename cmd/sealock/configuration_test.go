// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// misconfiguration is a way in which the sample's configuration goes wrong, as testdata/variants/configuration.yaml describes it.
type misconfiguration struct {
	Name  string `yaml:"name"`
	Wrong string `yaml:"wrong"`
	Edits []struct {
		File string `yaml:"file"`
		Old  string `yaml:"old"`
		New  string `yaml:"new"`
	} `yaml:"edits"`
	Expect []struct {
		Rule    string `yaml:"rule"`
		File    string `yaml:"file"`
		Line    string `yaml:"line"`    // see lineOf
		Message string `yaml:"message"` // a part of it
	} `yaml:"expect"`
}

// seen is a finding as the formats show it.
type seen struct {
	rule, file string
	line       int
}

// scanSample scans the configuration of a copy of the sample in all formats, and gives what each of them shows.
func scanSample(t *testing.T, dir string) (fromJSON, fromSARIF []seen, text string, messages []string) {
	t.Helper()
	out := t.TempDir()
	text, stderr, code := callSealock(t, nil, "-C", dir, "scan", "dir:.", "--only", "config", "-o", "text", "-o", "json="+out+"/scan.json", "-o", "sarif="+out+"/scan.sarif")
	if code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, text, stderr)
	}
	var scan struct {
		Config struct {
			Complete bool `json:"complete"`
			Findings []struct {
				Rule, Path, Message string
				Line                int
			} `json:"findings"`
		} `json:"config"`
	}
	decodeFile(t, out+"/scan.json", &scan)
	if !scan.Config.Complete {
		t.Error("the scan is not complete")
	}
	for _, f := range scan.Config.Findings {
		fromJSON = append(fromJSON, seen{f.Rule, f.Path, f.Line})
		messages = append(messages, f.Message)
	}
	var log struct {
		Version string
		Runs    []struct {
			Results []struct {
				RuleID    string
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
				}
			}
		}
	}
	decodeFile(t, out+"/scan.sarif", &log)
	if log.Version != "2.1.0" || len(log.Runs) != 1 {
		t.Fatalf("SARIF %s with %d runs", log.Version, len(log.Runs))
	}
	for _, r := range log.Runs[0].Results {
		at := r.Locations[0].PhysicalLocation
		fromSARIF = append(fromSARIF, seen{r.RuleID, at.ArtifactLocation.URI, at.Region.StartLine})
	}
	return fromJSON, fromSARIF, text, messages
}

func decodeFile(t *testing.T, file string, v any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// copySample copies what of the sample is configuration, and what the scan needs to know of it.
func copySample(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, part := range []string{"deploy", "ci", "policy", "sealock.yaml"} {
		from := filepath.Join("..", "..", "testdata", "shop", part)
		info, err := os.Stat(from)
		switch {
		case err != nil:
			t.Fatal(err)
		case info.IsDir():
			err = os.CopyFS(filepath.Join(dir, part), os.DirFS(from))
		default:
			err = copyOne(from, filepath.Join(dir, part))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func copyOne(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}

func TestConfigurationOfTheSample(t *testing.T) {
	found, _, text, messages := scanSample(t, copySample(t))
	if len(found) != 0 {
		t.Errorf("found %v\n%s", found, strings.Join(messages, "\n"))
	}
	if strings.Contains(text, "no parser") {
		t.Errorf("something was not judged:\n%s", text)
	}
}

// Each variant gives exactly the findings that it was made for, at the right line, in every format.
func TestConfigurationVariants(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "variants", "configuration.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var all []misconfiguration
	if err := yaml.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			dir := copySample(t)
			for _, e := range v.Edits {
				editOnce(t, filepath.Join(dir, e.File), e.Old, e.New)
			}
			fromJSON, fromSARIF, text, messages := scanSample(t, dir)
			var want []seen
			for _, e := range v.Expect {
				want = append(want, seen{e.Rule, e.File, lineOf(t, filepath.Join(dir, e.File), e.Line)})
				if e.Message != "" && !slices.ContainsFunc(messages, func(m string) bool { return strings.Contains(m, e.Message) }) {
					t.Errorf("no message says %q: %q", e.Message, messages)
				}
			}
			order := func(a, b seen) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
			for _, list := range [][]seen{want, fromJSON, fromSARIF} {
				slices.SortFunc(list, order)
			}
			if !slices.Equal(fromJSON, want) {
				t.Errorf("found %v, expected %v\n%s", fromJSON, want, strings.Join(messages, "\n"))
			}
			if !slices.Equal(fromSARIF, want) {
				t.Errorf("SARIF has %v, expected %v", fromSARIF, want)
			}
			for _, w := range want {
				if place := fmt.Sprintf("%s:%d:", w.file, w.line); !strings.Contains(text, place) || !strings.Contains(text, w.rule) {
					t.Errorf("the text does not say %s %s\n%s", place, w.rule, text)
				}
			}
		})
	}
}

func editOnce(t *testing.T, file, old, text string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(data), old); n != 1 {
		t.Fatalf("%s has %q %d times, expected once", file, old, n)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(data), old, text, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// lineOf is the number of the one line that begins with the text, or the number itself.
func lineOf(t *testing.T, file, text string) int {
	t.Helper()
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for i, line := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), text) {
			if at > 0 {
				t.Fatalf("%s: lines %d and %d begin with %q", file, at, i+1, text)
			}
			at = i + 1
		}
	}
	if at == 0 {
		t.Fatalf("%s: no line begins with %q", file, text)
	}
	return at
}
