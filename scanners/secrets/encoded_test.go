// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/zricethezav/gitleaks/v8/detect/codec"
)

// Where gitleaks' decoder decodes anything, the quick look says that it may.
func TestQuickLookMissesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- test data
	decoded := 0
	n := 30_000
	if testing.Short() {
		n = 3_000
	}
	for range n {
		line := encodedSample(r)
		if _, segments := codec.NewDecoder().Decode(line, nil); len(segments) == 0 {
			continue
		}
		decoded++
		if !encodedLine(line) {
			t.Errorf("%q is decoded, but the quick look says no", line)
		}
	}
	if decoded < n/6 {
		t.Errorf("only %d lines are encoded: the test says little", decoded)
	}
}

func encodedSample(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(4) {
		raw := letters(fmt.Sprint(r.Uint64()), alnum+" _/+-=%\\:,", r.IntN(40))
		switch r.IntN(7) {
		case 0:
			raw = base64.StdEncoding.EncodeToString([]byte(raw))
		case 1:
			raw = base64.RawURLEncoding.EncodeToString([]byte(raw))
		case 2:
			raw = hex.EncodeToString([]byte(raw))
		case 3:
			raw = fmt.Sprintf("%%%02x%s", r.IntN(256), raw)
		case 4:
			raw = fmt.Sprintf(`\u%04x`, r.IntN(128)) + raw
		case 5:
			raw = fmt.Sprintf("U+%04X ", r.IntN(128)) + raw
		}
		b.WriteString(raw + letters(fmt.Sprint(r.Uint64()), alnum+" \"=.", r.IntN(5)))
	}
	return b.String()
}

func FuzzQuickLook(f *testing.F) {
	f.Add("x = " + base64.StdEncoding.EncodeToString([]byte("some longer printable text")))
	f.Add(`\u0041\U0042 U+0043 %41`)
	f.Fuzz(func(t *testing.T, line string) {
		line, _, _ = strings.Cut(line, "\n")
		if _, segments := codec.NewDecoder().Decode(line, nil); len(segments) > 0 && !encodedLine(line) {
			t.Errorf("%q is decoded, but the quick look says no", line)
		}
	})
}

func TestWiden(t *testing.T) {
	got := widen([]span{{1, 1}, {9, 10}, {30, 30}}, 31)
	if want := []span{{1, 4}, {6, 13}, {27, 31}}; !slices.Equal(got, want) {
		t.Errorf("expected %v, found %v", want, got)
	}
}
