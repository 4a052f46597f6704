// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"fmt"
	"testing"
)

// BenchmarkParseList reads the list of N statements of 8 kB, as it stands in a manifest.
func BenchmarkParseList(b *testing.B) {
	for _, n := range []int{1, 10, 50} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, w := serve(b, withAPI), newWriter(b)
			image := s.image(b, "app")
			st := s.open(b)
			for i := range n {
				must(b, st.Put(b.Context(), w.sized(i, 8000, image)))
			}
			publish(b.Context(), b, st, primary(image))
			m, err := s.repo(b).Manifest(b.Context(), tagOf(primary(image), tagList))
			must(b, err)
			b.ReportAllocs()
			for b.Loop() {
				parts, err := st.listParts(b.Context(), m)
				must(b, err)
				_, c, err := parseList(primary(image), parts)
				must(b, err)
				if len(c.blobs) != n {
					b.Fatal(len(c.blobs))
				}
			}
		})
	}
}

// BenchmarkList lists N statements of 8 kB with a new Store.
func BenchmarkList(b *testing.B) {
	for _, n := range []int{1, 10, 50} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, w := serve(b, withAPI), newWriter(b)
			image := s.image(b, "app")
			st := s.open(b)
			for i := range n {
				must(b, st.Put(b.Context(), w.sized(i, 8000, image)))
			}
			publish(b.Context(), b, st, primary(image))
			for b.Loop() {
				list, err := s.open(b).List(b.Context(), primary(image))
				must(b, err)
				if len(list) != n {
					b.Fatal(len(list))
				}
			}
		})
	}
}
