// SPDX-License-Identifier: Apache-2.0

package keyless_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
)

func TestPublicGood(t *testing.T) {
	t.Parallel()
	s, err := keyless.PublicGood(at)
	if err != nil {
		t.Fatal(err)
	}
	if s.CA.URL != "https://fulcio.sigstore.dev" || s.Logs.Count != 1 || s.Timestamps.Count != 1 || len(s.Issuers) != 1 {
		t.Errorf("public-good instance: %+v", s)
	}
	none, err := s.Want(0, 1)
	if err != nil || none.Logs.Count != 0 || len(none.Logs.From) != 0 {
		t.Errorf("without a log: %+v, %v", none, err)
	}
	if _, err := s.Want(2, 1); err == nil {
		t.Error("two logs of one")
	}
	if _, err := s.Want(1, 2); err == nil {
		t.Error("two authorities of one")
	}
}

func TestFromTrustedRoot(t *testing.T) {
	t.Parallel()
	s := attesttest.NewSigstore(t, at)
	got, err := keyless.FromTrustedRoot(s.Root(t), at)
	if err != nil {
		t.Fatal(err)
	}
	if got.CA.URL != "https://ca.example" || got.Timestamps.From[0].URL != "https://time.example" || got.Logs.From[0] != (keyless.Service{URL: "https://log2.example", Version: 2}) {
		t.Errorf("servers: %+v", got)
	}
	v1, err := keyless.FromTrustedRoot(s.Root(t, func(root map[string]any) {
		logs, _ := root["tlogs"].([]any)
		root["tlogs"] = logs[:1]
	}), at)
	if err != nil || v1.Logs.From[0].Version != 1 {
		t.Errorf("a log of version 1: %+v, %v", v1, err)
	}
	good, err := sigstore.PublicGood()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := keyless.FromTrustedRoot(good, at); err != nil || got.Logs.From[0].URL != "https://rekor.sigstore.dev" {
		t.Errorf("public-good: %+v, %v", got, err)
	}
	if _, err := keyless.FromTrustedRoot(nil, at); err == nil {
		t.Error("no root")
	}
	if _, err := keyless.FromTrustedRoot(s.Root(t), at.AddDate(9, 0, 0)); err == nil {
		t.Error("servers that are not in use any more")
	}
	if _, err := keyless.FromTrustedRoot(s.Root(t, func(root map[string]any) { delete(root, "timestampAuthorities") }), at); err == nil || !strings.Contains(err.Error(), "time") {
		t.Errorf("nobody would vouch for the time, and the error is %v", err)
	}
}

func TestConfigurationsThatAreRefused(t *testing.T) {
	t.Parallel()
	const ok = `{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","caUrls":[{"url":"https://ca.example","majorApiVersion":1,"validFor":{"start":"2020-01-01T00:00:00Z"},"operator":"a"}],
"rekorTlogUrls":[{"url":"https://log.example","majorApiVersion":2,"validFor":{"start":"2020-01-01T00:00:00Z"},"operator":"a"},{"url":"https://log.example/b","majorApiVersion":2,"validFor":{"start":"2020-01-01T00:00:00Z"},"operator":"b"}],
"tsaUrls":[{"url":"http://time.example","majorApiVersion":1,"validFor":{"start":"2020-01-01T00:00:00Z"},"operator":"a"}],"rekorTlogConfig":{"selector":"EXACT","count":2},"tsaConfig":{"selector":"ANY"}}`
	if s, err := keyless.ParseSigningConfig([]byte(ok), at); err != nil || s.Logs.Count != 2 {
		t.Fatalf("%+v, %v", s, err)
	}
	for name, change := range map[string][2]string{
		"version 0.1":          {"v0.2+json", "v0.1+json"},
		"not JSON":             {`{"mediaType"`, `"mediaType"`},
		"twice":                {`"caUrls"`, `"tsaUrls":[],"caUrls"`},
		"authority over http":  {"https://ca.example", "http://ca.example"},
		"a user in the URL":    {"https://ca.example", "https://bob:hunter2@ca.example"},
		"no host":              {"https://ca.example", "https:ca.example"},
		"log over http":        {"https://log.example\"", "http://log.example\""},
		"API of the future":    {`"majorApiVersion":1`, `"majorApiVersion":9`},
		"not in use yet":       {`2020-01-01T00:00:00Z`, `2030-01-01T00:00:00Z`},
		"more than there are":  {`"count":2`, `"count":3`},
		"none of them":         {`"count":2`, `"count":0`},
		"file instead of time": {"http://time.example", "file:///etc/passwd"},
		"no authority of time": {`"tsaUrls"`, `"oidcUrls"`},
	} {
		_, err := keyless.ParseSigningConfig([]byte(strings.Replace(ok, change[0], change[1], 1)), at)
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the message holds a password: %v", name, err)
		}
	}
	if _, err := keyless.ParseSigningConfig([]byte(ok+strings.Repeat(" ", keyless.MaxConfig)), at); err == nil {
		t.Error("a file that is too long")
	}
}

func TestOptionsThatAreMissing(t *testing.T) {
	t.Parallel()
	services, err := keyless.PublicGood(at)
	if err != nil {
		t.Fatal(err)
	}
	full := keyless.Options{Services: services, Token: keyless.Static("x", "y").Token, HTTP: http.DefaultTransport, Now: func() time.Time { return at }}
	if _, err := keyless.New(full); err != nil {
		t.Error(err)
	}
	for _, drop := range []func(*keyless.Options){func(o *keyless.Options) { o.Token = nil }, func(o *keyless.Options) { o.HTTP = nil }, func(o *keyless.Options) { o.Now = nil }, func(o *keyless.Options) { o.Services = keyless.Services{} }} {
		o := full
		drop(&o)
		if _, err := keyless.New(o); err == nil {
			t.Error("accepted")
		}
	}
}

func TestCodesAreDocumented(t *testing.T) {
	t.Parallel()
	for _, c := range keyless.Codes() {
		if c.Code == "" || c.Meaning == "" || c.Fix == "" {
			t.Errorf("%+v", c)
		}
	}
	if (&keyless.DownError{}).ReasonCode() != keyless.CodeDown || (&keyless.TokenError{}).ReasonCode() != keyless.CodeToken || (&keyless.RefusedError{}).ReasonCode() != keyless.CodeRefused {
		t.Error("codes")
	}
}
