// SPDX-License-Identifier: Apache-2.0

// Package catalog lists and finds products. Search folds case and accents, so that "creme" finds "Crème", and lists are sorted
// as the reader's language sorts.
package catalog

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"example.com/shop/internal/web"
)

//go:embed products.json
var products []byte

const maxQuery = 100

// Product is one thing for sale, in one language.
type Product struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Price    int64  `json:"price"`    // in the currency's minor unit
	Currency string `json:"currency"` // ISO 4217
}

type entry struct {
	ID       string            `json:"id"`
	Name     map[string]string `json:"name"`
	Price    int64             `json:"price"`
	Currency string            `json:"currency"`
}

// Service answers on /v1/products, and serves the front end's files.
type Service struct {
	entries   []entry
	languages []language.Tag
	matcher   language.Matcher
	files     http.Handler
}

// New reads the product list that is built in. The front end's files lie in the folder publicDir.
func New(publicDir string) (*Service, error) {
	s := &Service{files: http.FileServer(http.Dir(publicDir)), languages: []language.Tag{language.English, language.German, language.French}}
	s.matcher = language.NewMatcher(s.languages)
	if err := json.Unmarshal(products, &s.entries); err != nil {
		return nil, fmt.Errorf("reading the product list: %w", err)
	}
	for _, e := range s.entries {
		for _, l := range s.languages {
			if e.Name[l.String()] == "" || e.Price <= 0 {
				return nil, fmt.Errorf("product %q has no price or no name in %q", e.ID, l)
			}
		}
	}
	return s, nil
}

// Handler has the service's routes.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/products", s.list)
	mux.HandleFunc("GET /v1/products/{id}", s.one)
	mux.Handle("GET /", s.files)
	web.Health(mux, web.Always)
	return mux
}

func (s *Service) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query().Get("q")
	if len(q) > maxQuery {
		web.Refuse(w, http.StatusBadRequest, fmt.Sprintf("a search is at most %d bytes", maxQuery))
		return
	}
	lang := s.language(r)
	var names []string
	byName := map[string]Product{}
	wanted := fold(q)
	for _, e := range s.entries {
		p := e.in(lang)
		if strings.Contains(fold(p.Name), wanted) {
			names = append(names, p.Name)
			byName[p.Name] = p
		}
	}
	collate.New(lang).SortStrings(names)
	found := make([]Product, 0, len(names))
	for _, n := range names {
		found = append(found, byName[n])
	}
	web.Write(w, http.StatusOK, map[string]any{"products": found})
}

func (s *Service) one(w http.ResponseWriter, r *http.Request) {
	for _, e := range s.entries {
		if e.ID == r.PathValue("id") {
			web.Write(w, http.StatusOK, e.in(s.language(r)))
			return
		}
	}
	web.Refuse(w, http.StatusNotFound, "no such product")
}

// language is the one of ours that suits the reader best; English if none does.
func (s *Service) language(r *http.Request) language.Tag {
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return language.English
	}
	_, i, _ := s.matcher.Match(wanted...)
	return s.languages[i]
}

func (e entry) in(lang language.Tag) Product {
	return Product{ID: e.ID, Name: e.Name[lang.String()], Price: e.Price, Currency: e.Currency}
}

// fold removes case and accents. A transformer keeps state, so each call has its own.
func fold(s string) string {
	t := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), cases.Fold(), norm.NFC)
	out, _, err := transform.String(t, s)
	if err != nil {
		return s
	}
	return out
}
