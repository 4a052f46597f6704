// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/shop/internal/catalog"
)

func get(t *testing.T, path, language string) (int, []byte) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte("<title>shop</title>"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := catalog.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.Header.Set("Accept-Language", language)
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.Bytes()
}

func names(t *testing.T, path, language string) []string {
	t.Helper()
	status, body := get(t, path, language)
	var out struct{ Products []catalog.Product }
	if err := json.Unmarshal(body, &out); err != nil || status != http.StatusOK {
		t.Fatalf("%s: status %d, %v", path, status, err)
	}
	var names []string
	for _, p := range out.Products {
		names = append(names, p.Name)
	}
	return names
}

func TestSearch(t *testing.T) {
	for _, tc := range []struct {
		path, language string
		want           []string
	}{
		{"/v1/products?q=creme", "en", []string{"Crème brûlée set"}},
		{"/v1/products?q=TEE", "de-AT,de;q=0.9", []string{"Grüner Tee", "Schwarzer Tee"}},
		{"/v1/products?q=th%C3%A9", "fr", []string{"Thé noir", "Thé vert"}},
		{"/v1/products?q=zzz", "en", nil},
		{"/v1/products", "xx", []string{"Black tea", "Crème brûlée set", "Green tea", "House coffee", "Mug"}},
	} {
		if got := names(t, tc.path, tc.language); !slices.Equal(got, tc.want) {
			t.Errorf("%s in %s: got %q, want %q", tc.path, tc.language, got, tc.want)
		}
	}
}

func TestOneProductAndTheFrontEnd(t *testing.T) {
	if status, body := get(t, "/v1/products/mug", "fr"); status != http.StatusOK || !strings.Contains(string(body), `"Tasse"`) {
		t.Errorf("mug: %d %s", status, body)
	}
	if status, _ := get(t, "/v1/products/none", "en"); status != http.StatusNotFound {
		t.Errorf("unknown product: %d", status)
	}
	if status, _ := get(t, "/v1/products?q="+strings.Repeat("a", 200), "en"); status != http.StatusBadRequest {
		t.Errorf("long search: %d", status)
	}
	if status, body := get(t, "/", "en"); status != http.StatusOK || !strings.Contains(string(body), "shop") {
		t.Errorf("front end: %d", status)
	}
}
