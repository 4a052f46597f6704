// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"fmt"
	"testing"
)

// BenchmarkSBOM7000Files is a source tree of 7,000 files, 100 modules and 50 lockfiles.
func BenchmarkSBOM7000Files(b *testing.B) {
	dir := b.TempDir()
	for i := range 6850 {
		write(b, dir, fmt.Sprintf("src/d%02d/e%02d/file%d.go", i%70, i%7, i), fmt.Sprintf("package d%d\n\nfunc f%d() int { return %d }\n", i%70, i, i))
	}
	for i := range 50 {
		write(b, dir, fmt.Sprintf("svc%d/go.mod", i), goMod)
		write(b, dir, fmt.Sprintf("svc%d/go.sum", i), goSum)
		write(b, dir, fmt.Sprintf("front%d/package-lock.json", i), packageLock)
	}
	if _, err := licenceScanner(); err != nil { // once a process, beside other work
		b.Fatal(err)
	}
	for b.Loop() {
		tree, err := Open(b.Context(), dirSourceOf(dir))
		if err != nil {
			b.Fatal(err)
		}
		if len(tree.files) != 7000 {
			b.Fatalf("walked %d files", len(tree.files))
		}
		d, err := Generate(b.Context(), tree, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := d.CycloneDX(); err != nil {
			b.Fatal(err)
		}
		if err := tree.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
