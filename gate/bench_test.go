// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// cpu is the processor time of this process so far, all threads.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// benchWorld has a chain of a build and n more statements of about 8 kB on average a bundle: older scans with an SBOM each.
func benchWorld(b *testing.B, n int) *world {
	w := newWorld(b).policyText("evidence: [vulns]", "evidence: [vulns, sbom]")
	build := w.record(w.buildRun(w.record(w.sourceRun())))
	var purls []string
	for i := range 34 {
		purls = append(purls, fmt.Sprintf("pkg:npm/some-package-with-a-name-%02d@1.2.%d", i, i))
	}
	for i := range n {
		r := w.scanRun(build)
		r.finished = r.finished.Add(-time.Duration(i) * time.Second)
		doc := attesttest.SBOM(w.image, append(purls, "pkg:npm/left-pad@1.0.0", "pkg:npm/yaml@1.0.0")...)
		doc["version"] = i + 1
		r.evidence = append(r.evidence, proof{kind: "sbom", typ: predicate.TypeCycloneDX, doc: doc})
		w.record(r)
	}
	return w
}

// BenchmarkCheck is a whole check with a store in memory. Each step adds three statements, one of them of 8 kB.
func BenchmarkCheck(b *testing.B) {
	for _, n := range []int{1, 10, 50, 500} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := benchWorld(b, n)
			g := w.gate(w.load(), w.store())
			req := w.fill(enter("dev"))
			if d := g.Check(b.Context(), req); d.Verdict != Allowed {
				b.Fatalf("refused:%s", explain(d))
			}
			before := cpu(b)
			for b.Loop() {
				g.Check(b.Context(), req)
			}
			b.ReportMetric(float64(cpu(b)-before)/float64(b.N)/1e6, "cpu-ms/op")
			b.ReportMetric(float64(len(w.items)), "statements")
		})
	}
}

// BenchmarkVerify is one statement of 8 kB.
func BenchmarkVerify(b *testing.B) {
	w := benchWorld(b, 1)
	g := w.gate(w.load(), w.store())
	for _, name := range []string{"scan/sbom", "scan"} {
		bundle := w.item(name).bundle
		b.Run(fmt.Sprintf("%s of %d bytes", name, len(bundle)), func(b *testing.B) {
			for b.Loop() {
				if _, err := g.Verifier.Verify(b.Context(), bundle); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecide is the decision alone, from evidence that is verified.
func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{1, 50} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := benchWorld(b, n)
			p := w.load()
			evidence, _ := w.evidence(p)
			req := w.fill(enter("dev"))
			for b.Loop() {
				Decide(b.Context(), p, req, evidence, nil, "test")
			}
		})
	}
}

// BenchmarkChain is the judgement of receipts without the rules.
func BenchmarkChain(b *testing.B) {
	w := benchWorld(b, 50)
	p := w.load()
	evidence, _ := w.evidence(p)
	for b.Loop() {
		newChains(newEvidenceSet(p, w.at, evidence)).of(w.image, []attest.Subject{w.image}, "build")
	}
}

// BenchmarkLoad is a policy with the gate's own rules compiled.
func BenchmarkLoad(b *testing.B) {
	w := newWorld(b)
	for b.Loop() {
		if _, err := ParsePolicy("policy", w.files, LoadOptions{ParseKey: parseKey}); err != nil {
			b.Fatal(err)
		}
	}
}
