// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/scanners/secrets"
)

// A repeat is taken as it is only if nothing that could make a difference differs.
func TestReuse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(t *testing.T, b *bench)
		reused bool
	}{
		{"nothing", func(*testing.T, *bench) {}, true},
		{"another CI run", func(_ *testing.T, b *bench) { b.RunID = "other" }, true},
		{"another version of the program", func(_ *testing.T, b *bench) { b.Version = "1.0.1" }, false},
		{"another command", func(_ *testing.T, b *bench) { b.configure("build", func(c *Config) { c.Run = append(c.Run, "again") }) }, false},
		{"another identity", func(_ *testing.T, b *bench) {
			b.Signer = func(string) (attest.Signer, error) { return b.two.Signer, nil }
		}, false},
		{"more evidence", func(_ *testing.T, b *bench) {
			b.configure("build", func(c *Config) { c.Evidence = append(c.Evidence, "secrets") })
		}, false},
		{"other declared outputs", func(_ *testing.T, b *bench) { b.configure("build", func(c *Config) { c.Outputs = []string{"log"} }) }, false},
		{"another product", func(t *testing.T, b *bench) { b.write(t, "out/more", "x") }, false},
		{"a product that is gone", func(t *testing.T, b *bench) {
			if err := os.RemoveAll(filepath.Join(b.dir, "out")); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"a rerun of the stage before", func(t *testing.T, b *bench) { b.Force = true; b.run(t, "source"); b.Force = false }, false},
		{"force", func(_ *testing.T, b *bench) { b.Force = true }, false},
		{"evidence that is gone", func(t *testing.T, b *bench) {
			files, err := filepath.Glob(filepath.Join(b.dir, "store", "*", "*.sigstore.json"))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				if data, err := os.ReadFile(f); err != nil || !strings.Contains(string(attesttest.Payload(t, data)), predicate.TypeProvenance) {
					continue
				}
				if err := os.Remove(f); err != nil {
					t.Fatal(err)
				}
			}
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.run(t, "source")
			first := b.run(t, "build")
			c.change(t, b)
			before := b.stored(t)
			again := b.run(t, "build")
			if again.Reused != c.reused {
				t.Fatalf("reused is %v, expected %v", again.Reused, c.reused)
			}
			if c.reused && (again.Receipt != first.Receipt || b.stored(t) != before) {
				t.Errorf("receipt %s after %s, %d files after %d", again.Receipt, first.Receipt, b.stored(t), before)
			}
			if !c.reused && again.Receipt == first.Receipt {
				t.Errorf("the receipt is the old one")
			}
		})
	}
}

// Where stages must be of one run, a stage of an earlier run is no help: the next one could not build on it.
func TestReuse_SameRun(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Gate.Policy.Stages["build"].After[0].SameRun = true
	b.run(t, "source")
	b.RunID = "other"
	if b.run(t, "source").Reused {
		t.Error("the source of another run was taken")
	}
	b.run(t, "build")
	if !b.run(t, "source").Reused || !b.run(t, "build").Reused {
		t.Error("what this run has done was done again")
	}
}

// What is left out of dir: subjects is in every receipt, whichever stage declared it.
func TestReceiptsNameWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.configure("build", func(c *Config) { c.Outputs = []string{"./src/made/"} })
	e, _, err := b.Gate.Gather(t.Context(), gate.Request{Subject: b.run(t, "source").Subjects[0]})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range e {
		var link predicate.Link
		if x.Statement().PredicateType != predicate.TypeLink {
			continue
		}
		if err := predicate.Decode(x.Statement(), &link); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(link.Byproducts.Outputs, " "); got != "src/made store" {
			t.Errorf("the receipt names %q", got)
		}
		return
	}
	t.Error("no receipt")
}

func (b *bench) configure(stage string, change func(*Config)) {
	c := b.Pipeline.Stages[stage]
	change(&c)
	b.Pipeline.Stages[stage] = c
}

// Scans are repeated when their data or their rules are others.
func TestReuseOfScans(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.OpenDB = data(t)
	b.run(t, "source")
	b.run(t, "build")
	b.run(t, "scan")
	if !b.run(t, "scan").Reused {
		t.Fatal("an unchanged scan ran again")
	}
	db, err := b.OpenDB(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	about := attest.Subject{Name: "x", Digest: attest.DigestSet{"sha256": strings.Repeat("a", 64)}}
	same := func(kind, predicateType string, p any) bool {
		e := attesttest.Verify(t, b.one.Attest(t, predicateType, p, about), b.one)
		link := predicate.Link{Byproducts: predicate.Byproducts{Evidence: []predicate.EvidenceRef{{Name: kind, Digest: attest.DigestSet{"sha256": e.ID().Hex}}}}}
		return b.sameTools(t.Context(), link, Config{Evidence: []string{kind}}, []attest.Evidence{e})
	}
	vulnsWith := func(digest string) predicate.Vulns {
		return predicate.Vulns{Scanner: predicate.VulnScanner{DB: predicate.VulnDB{Digest: digest}}}
	}
	findings := func(rules, version string) predicate.Findings {
		return predicate.Findings{Scanner: predicate.FindingScanner{RulesDigest: rules, Version: version}}
	}
	for _, c := range []struct {
		name string
		got  bool
		want bool
	}{
		{"the data at hand", same("vulns", predicate.TypeVulns, vulnsWith(db.Info().Digest)), true},
		{"other data", same("vulns", predicate.TypeVulns, vulnsWith("sha256:"+strings.Repeat("0", 64))), false},
		{"data without a digest", same("vulns", predicate.TypeVulns, vulnsWith("")), false},
		{"the rules at hand", same("secrets", predicate.TypeFindings, findings(secrets.RulesDigest(), secrets.Version)), true},
		{"other rules", same("secrets", predicate.TypeFindings, findings("sha256:"+strings.Repeat("0", 64), secrets.Version)), false},
		{"another version of the scanner", same("secrets", predicate.TypeFindings, findings(secrets.RulesDigest(), "0")), false},
		{"a predicate of another form", same("vulns", predicate.TypeVulns, []int{1}), false},
		{"evidence that is not there", b.sameTools(t.Context(), predicate.Link{Byproducts: predicate.Byproducts{Evidence: []predicate.EvidenceRef{{Name: "sbom"}}}}, Config{}, nil), false},
		{"evidence that the receipt lacks", b.sameTools(t.Context(), predicate.Link{}, Config{Evidence: []string{"sbom"}}, nil), false},
	} {
		if c.got != c.want {
			t.Errorf("%s: the same tools: %v, expected %v", c.name, c.got, c.want)
		}
	}
	b.OpenDB = func(context.Context) (Data, error) { return nil, errNoData }
	if same("vulns", predicate.TypeVulns, vulnsWith(db.Info().Digest)) {
		t.Error("a scan was taken as it is without any data to compare")
	}
}

// If anything does not complete, nothing at all is stored.
func TestNothingIsStored(t *testing.T) {
	t.Parallel()
	stranger := attesttest.NewKey(t, sigstore.ECDSAP256)
	for _, c := range []struct {
		name   string
		stage  string
		change func(b *bench)
		holds  func(error) bool
	}{
		{"no vulnerability data", "scan", func(*bench) {}, func(err error) bool {
			var incomplete *IncompleteError
			return errors.As(err, &incomplete) && errors.Is(err, errNoData)
		}},
		{"the command fails", "build", func(b *bench) { b.configure("build", func(c *Config) { c.Run = []string{"false"} }) }, func(err error) bool {
			var failed *CommandError
			return errors.As(err, &failed) && failed.ExitCode == 1
		}},
		{"no signer", "build", func(b *bench) {
			b.Signer = func(string) (attest.Signer, error) { return nil, errNoData }
		}, func(err error) bool { return errors.Is(err, errNoData) }},
		{"a signer that the policy does not know", "build", func(b *bench) {
			b.Signer = func(string) (attest.Signer, error) { return stranger.Signer, nil }
		}, func(err error) bool { return err != nil && strings.Contains(err.Error(), "does not verify") }},
		{"an input that changes", "build", func(b *bench) {
			b.configure("build", func(c *Config) {
				c.Run = []string{"sh", "-c", "mkdir -p out; echo >out/x; echo >>src/package-lock.json"}
			})
		}, func(err error) bool { return subject.CodeOf(err) == InputChanged }},
		{"a stage that nobody knows", "deploy", func(*bench) {}, func(err error) bool {
			var config *gate.ConfigError
			return errors.As(err, &config)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.run(t, "source")
			if c.stage == "scan" {
				b.run(t, "build")
			}
			c.change(b)
			before := b.stored(t)
			if _, err := b.Run(t.Context(), c.stage); !c.holds(err) {
				t.Errorf("error %v", err)
			}
			if after := b.stored(t); after != before {
				t.Errorf("%d files in the store, there were %d", after, before)
			}
			left, err := os.ReadDir(b.TempDir)
			if err != nil || len(left) != 0 {
				t.Errorf("left behind in the temporary folder: %v %v", left, err)
			}
		})
	}
}

// A cancelled run ends its command with everything that it started, and stores nothing.
func TestCancelled(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run(t, "source")
	b.configure("build", func(c *Config) { c.Run = []string{"sh", "-c", "sleep 60 & sleep 60"} })
	before := b.stored(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	started := time.Now()
	_, err := b.Run(ctx, "build")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if took := time.Since(started); took > 30*time.Second {
		t.Errorf("it took %s to end", took)
	}
	if after := b.stored(t); after != before {
		t.Errorf("%d files in the store, there were %d", after, before)
	}
}
