// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"errors"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

func TestSBOM(t *testing.T) {
	image, other := attesttest.Artifact("shop", "image"), attesttest.Artifact("cart", "cart")
	hex := image.Digest["sha256"]
	cdx := `{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": {"type": "container", "name": "shop", "hashes": [{"alg": "SHA-256", "content": "` + hex + `"}]}}, "components": []}`
	spdx := `{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "documentNamespace": "https://example.com/1", "name": "shop", "packages": [{"SPDXID": "SPDXRef-shop", "name": "shop", "checksums": [{"algorithm": "SHA256", "checksumValue": "` + hex + `"}]}], "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-shop"}]}`
	about := func(text string, subjects ...attest.Subject) (SBOM, attest.Subject, error) {
		rep := Report{"bom.json", []byte(text), written}
		s, err := ReadSBOM(rep)
		if err != nil {
			return s, attest.Subject{}, err
		}
		x, err := s.About(rep, subjects)
		return s, x, err
	}
	for name, c := range map[string]struct{ text, typ string }{"CycloneDX": {cdx, predicate.TypeCycloneDX}, "SPDX": {spdx, predicate.TypeSPDX},
		"SPDX by documentDescribes": {strings.Replace(spdx, `"relationships": [`, `"documentDescribes": ["SPDXRef-shop"], "relationships": [], "x": [`, 1), predicate.TypeSPDX},
		"by the version":            {strings.Replace(cdx, `"hashes": [{"alg": "SHA-256", "content": "`+hex+`"}]`, `"version": "sha256:`+hex+`"`, 1), predicate.TypeCycloneDX}} {
		s, x, err := about("\ufeff "+c.text+"\n", other, image)
		if err != nil || s.Type != c.typ || x.Name != "shop" || string(s.Document) != c.text {
			t.Errorf("%s: %v, %s about %s", name, err, s.Type, x.Name)
		}
	}
	silent := strings.Replace(cdx, `"hashes": [{"alg": "SHA-256", "content": "`+hex+`"}]`, `"version": "1.0"`, 1)
	if _, x, err := about(silent, image); err != nil || x.Name != "shop" {
		t.Errorf("without a digest, about the one artifact: %v", err)
	}
	for name, c := range map[string]struct {
		text     string
		code     string
		subjects []attest.Subject
	}{
		"S-22 of another artifact":       {cdx, CodeSubject, []attest.Subject{other}},
		"S-22 SPDX of another artifact":  {spdx, CodeSubject, []attest.Subject{other}},
		"without a digest, one of two":   {silent, CodeSubject, []attest.Subject{image, other}},
		"B-14 empty":                     {"", CodeIncomplete, nil},
		"B-14 short":                     {"{}", CodeInvalid, nil},
		"B-14 no bill of materials":      {`{"name": "` + strings.Repeat("x", 500) + `"}`, CodeInvalid, nil},
		"B-14 both":                      {strings.Replace(cdx, `{"bomFormat"`, `{"spdxVersion": "SPDX-2.3", "bomFormat"`, 1), CodeInvalid, nil},
		"B-01 cut off":                   {cdx[:len(cdx)-5], CodeInvalid, nil},
		"B-01 a member twice":            {strings.Replace(cdx, `"components": []`, `"components": [], "components": []`, 1), CodeInvalid, nil},
		"B-01 another version":           {strings.Replace(cdx, "1.6", "9.6", 1), CodeInvalid, nil},
		"B-01 components that are none":  {strings.Replace(cdx, `"components": []`, `"components": {}`, 1), CodeInvalid, nil},
		"B-02 SPDX 3 without a document": {`{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []}`, CodeInvalid, nil},
		"B-02 SPDX of another version":   {strings.Replace(spdx, "SPDX-2.3", "SPDX-1.0", 1), CodeInvalid, nil},
		"B-02 no namespace":              {strings.Replace(spdx, "documentNamespace", "namespace", 1), CodeInvalid, nil},
		"B-02 an id twice":               {strings.Replace(spdx, `"packages": [`, `"packages": [{"SPDXID": "SPDXRef-shop", "name": "x"}, `, 1), CodeInvalid, nil},
		"S-22 XML of another artifact":   {strings.Replace(xmlBOM, "e3b0c4", "e3b0c5", 1), CodeSubject, nil},
	} {
		subjects := c.subjects
		if subjects == nil {
			subjects = []attest.Subject{image}
		}
		_, _, err := about(c.text, subjects...)
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code {
			t.Errorf("%s: %v, expected %s", name, err, c.code)
		}
	}
}

// Reports of other tools never bring the reader down, and what is taken keeps to its bounds.
func FuzzReports(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(`<testsuite failures="1"><testcase name="A"><failure/></testcase></testsuite>`))
	f.Add([]byte(xmlBOM))
	f.Add([]byte(spdx3BOM))
	f.Add([]byte(`{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		rep := Report{"r", data, written}
		if all, err := SARIF(rep, Options{Category: "sast"}); err == nil {
			for _, x := range all {
				if !x.Complete || x.Scanner.Name == "" {
					t.Error("a run without a tool")
				}
				for _, y := range x.Findings {
					if strings.HasPrefix(y.Path, "/") || strings.HasPrefix(y.Path, "..") || y.Rule == "" || len(y.Fingerprint) != 64 || y.Severity == "" {
						t.Errorf("found %+v", y)
					}
				}
			}
			if _, err := Merge("1", all...); err != nil {
				t.Error(err)
			}
		}
		if out, err := JUnit([]Report{rep}); err == nil && out.Result == "PASSED" && (len(out.PassedTests) == 0 || len(out.FailedTests) > 0) {
			t.Errorf("passed: %+v", out)
		}
		if s, err := ReadSBOM(rep); err == nil && s.Type == "" {
			t.Error("a bill of materials of no type")
		}
	})
}
