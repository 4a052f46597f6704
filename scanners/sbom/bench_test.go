// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"fmt"
	"testing"

	"github.com/sealock-dev/sealock/scanners"
)

// BenchmarkSBOM is source trees of so many files; of 7,000 files, 100 are modules and 50 lockfiles.
func BenchmarkSBOM(b *testing.B) {
	for _, n := range []int{70, 700, 7000} {
		b.Run(fmt.Sprintf("%d files", n), func(b *testing.B) {
			dir := b.TempDir()
			manifests := max(n/140, 1)
			for i := range n - 3*manifests {
				write(b, dir, fmt.Sprintf("src/d%02d/e%02d/file%d.go", i%70, i%7, i), fmt.Sprintf("package d%d\n\nfunc f%d() int { return %d }\n", i%70, i, i))
			}
			for i := range manifests {
				write(b, dir, fmt.Sprintf("svc%d/go.mod", i), goMod)
				write(b, dir, fmt.Sprintf("svc%d/go.sum", i), goSum)
				write(b, dir, fmt.Sprintf("front%d/package-lock.json", i), packageLock)
			}
			benchmarkSource(b, dirSourceOf(dir), n)
		})
	}
}

// BenchmarkLayers is images of so many layers of 70 files each.
func BenchmarkLayers(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("%d layers", n), func(b *testing.B) {
			layers := make([][]member, n)
			for i := range layers {
				for j := range 69 {
					layers[i] = append(layers[i], member{name: fmt.Sprintf("opt/app%d/lib%d.py", i, j), content: fmt.Sprintf("x = %d\n", i*j)})
				}
				layers[i] = append(layers[i], member{name: fmt.Sprintf("opt/app%d/package-lock.json", i), content: packageLock})
			}
			benchmarkSource(b, layoutOf(b, imageOf(b, layers...)), 70*n)
		})
	}
}

func benchmarkSource(b *testing.B, src scanners.Source, files int) {
	if _, err := licenceScanner(); err != nil { // once a process, beside other work
		b.Fatal(err)
	}
	for b.Loop() {
		tree, err := Open(b.Context(), src)
		if err != nil {
			b.Fatal(err)
		}
		if len(tree.files) != files {
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
