// SPDX-License-Identifier: Apache-2.0

package vulns

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// mirror serves the sample data with a listing that change may alter.
type mirror struct {
	*httptest.Server
	listing  string
	archive  []byte
	requests []string
}

func newMirror(t testing.TB) *mirror {
	t.Helper()
	b, err := os.ReadFile(sampleData)
	if err != nil {
		t.Fatal(err)
	}
	st, err := ReadStatus(imported(t))
	if err != nil {
		t.Fatal(err)
	}
	m := &mirror{archive: b}
	m.listing = fmt.Sprintf(`{"status":"active","schemaVersion":"v6.1.10","built":%q,"path":"vulnerability-db.tar.zst","checksum":%q}`, st.Built, attest.SHA256(b))
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.requests = append(m.requests, r.URL.Path)
		switch r.URL.Path {
		case "/v6/latest.json":
			_, _ = w.Write([]byte(m.listing))
		case "/v6/vulnerability-db.tar.zst":
			_, _ = w.Write(m.archive)
		case "/away":
			http.Redirect(w, r, "http://mirror.example/latest.json", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(m.Close)
	return m
}

func (m *mirror) update(t testing.TB, dir string) error {
	return Update(t.Context(), m.Client(), m.URL+"/v6/latest.json", dir)
}

func TestUpdate(t *testing.T) {
	m, dir := newMirror(t), t.TempDir()
	if err := m.update(t, dir); err != nil {
		t.Fatal(err)
	}
	if info := openDB(t, dir).Info(); info.URI != m.URL+"/v6/vulnerability-db.tar.zst" {
		t.Errorf("%+v", info)
	}
	if err := m.update(t, dir); err != nil {
		t.Errorf("updating again: %v", err)
	}
	if len(m.requests) != 3 {
		t.Errorf("requested %q", m.requests)
	}
}

func TestS05_Mirror(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*mirror)
		want    error
		message string
	}{
		"older": {func(m *mirror) {
			m.edit(`"built":"2026`, `"built":"2025`)
			m.edit("checksum\":\"sha256:", "checksum\":\"sha256:")
		}, ErrOlder, "in use"},
		"other archive": {func(m *mirror) { m.archive = flipped(m.archive); m.newer() }, ErrInvalid, "expected sha256:"},
		"says newer":    {func(m *mirror) { m.newer() }, ErrInvalid, "built"},
		"no checksum":   {func(m *mirror) { m.edit(`"checksum"`, `"sum"`) }, nil, "checksum"},
		"weak checksum": {func(m *mirror) { m.edit("sha256:", "md5:") }, nil, "checksum"},
		"other schema":  {func(m *mirror) { m.edit("v6.1.10", "v7.0.0") }, nil, "expected schema 6"},
		"no time":       {func(m *mirror) { m.edit(`"built"`, `"b"`) }, nil, "build time"},
		"no archive":    {func(m *mirror) { m.edit("vulnerability-db.tar.zst", "absent.tar.zst"); m.newer() }, nil, "404"},
		"elsewhere":     {func(m *mirror) { m.edit("vulnerability-db.tar.zst", "http://mirror.example/x.tar.zst"); m.newer() }, nil, "not https"},
		"no JSON":       {func(m *mirror) { m.listing = "<html>" }, nil, "JSON"},
		"endless":       {func(m *mirror) { m.listing = strings.Repeat(" ", MaxListing+1) }, nil, "more than"},
	} {
		m, dir := newMirror(t), imported(t)
		st, err := ReadStatus(dir)
		if err != nil {
			t.Fatal(err)
		}
		st.Archive = "sha256:" + strings.Repeat("0", 64) // as if the data in use came from elsewhere
		if err := writeCurrent(dir, st); err != nil {
			t.Fatal(err)
		}
		c.change(m)
		err = m.update(t, dir)
		if err == nil || !strings.Contains(err.Error(), c.message) || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: expected %q, found %v", name, c.message, err)
		}
		if after, err := ReadStatus(dir); err != nil || after.Digest != st.Digest {
			t.Errorf("%s: the data in use changed: %v", name, err)
		}
		openDB(t, dir)
		if left, err := filepath.Glob(filepath.Join(dir, "tmp-*")); err != nil || len(left) > 0 {
			t.Errorf("%s: left %q, %v", name, left, err)
		}
	}
}

func (m *mirror) edit(old, to string) { m.listing = strings.ReplaceAll(m.listing, old, to) }
func (m *mirror) newer()              { m.edit(`"built":"2026`, `"built":"2027`) }

func TestUpdateUsesNoPlainHTTP(t *testing.T) {
	m := newMirror(t)
	for _, u := range []string{"http://mirror.example/latest.json", m.URL + "/away", "ftp://mirror.example/x", "file:///etc/passwd", "::"} {
		if err := Update(t.Context(), m.Client(), u, t.TempDir()); err == nil {
			t.Errorf("%s was used", u)
		}
	}
}

// TestO08_NoLoginDataInMessages: neither the URL's login data nor its query gets into an error.
func TestO08_NoLoginDataInMessages(t *testing.T) {
	m := newMirror(t)
	m.Close()
	u := strings.Replace(m.URL, "http://", "http://bob:hunter2@", 1) + "/v6/latest.json?token=hunter2"
	for _, u := range []string{u, "http://bob:hunter2@mirror.example/", "http://bob:hunter2@mirror.example/%zz"} {
		if err := Update(t.Context(), http.DefaultClient, u, t.TempDir()); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("found %v", err)
		}
	}
}

// TestUpdateDoesNotHang: a server that accepts and never answers is left when the context ends.
func TestUpdateDoesNotHang(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer s.Close()
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := Update(ctx, s.Client(), s.URL, t.TempDir()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("found %v", err)
	}
}
