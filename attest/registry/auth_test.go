// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// config writes a file as docker login does, and reads it.
func config(t testing.TB, content string) *Credentials {
	t.Helper()
	p := filepath.Join(t.TempDir(), "config.json")
	must(t, os.WriteFile(p, []byte(content), 0o600))
	c, err := LoadCredentials(p, os.Getenv)
	must(t, err)
	return c
}

func login(t testing.TB, host, user, password string) *Credentials {
	t.Helper()
	return config(t, fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, host, base64.StdEncoding.EncodeToString([]byte(user+":"+password))))
}

func TestBasic(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if user, pw, _ := r.BasicAuth(); user != "alice" || pw != "hunter2" {
			w.Header().Set("WWW-Authenticate", `Basic realm="shop"`)
			w.WriteHeader(401)
			return
		}
		next.ServeHTTP(w, r)
	})
	r := s.repo(t, Options{Credentials: login(t, s.host, "alice", "hunter2")})
	push(t, r, "v1")
	for _, line := range s.requests() {
		if n := strings.Count(strings.Join(s.requests(), "\n"), line); n != 1 {
			t.Errorf("%s was sent %d times", line, n)
		}
	}
	s.forget()
	_, err := s.repo(t, Options{Credentials: login(t, s.host, "alice", "wrong-pw")}).Manifest(t.Context(), "v1")
	wantCode(t, err, Unauthorized, "alice", "auths of", "is not accepted")
	if strings.Contains(err.Error(), "wrong-pw") || len(s.requests()) != 1 {
		t.Errorf("%v after %q", err, s.requests())
	}
	_, err = s.repo(t, Options{}).Manifest(t.Context(), "v1")
	wantCode(t, err, Unauthorized, "docker login")
	_, err = s.repo(t, Options{Credentials: login(t, "other.example.com", "alice", "hunter2")}).Manifest(t.Context(), "v1")
	wantCode(t, err, Unauthorized)
}

// tokens is a registry that wants tokens, and its token server.
type tokens struct {
	*server
	realm  *httptest.Server
	mu     sync.Mutex
	asked  []string // scopes and users
	serial atomic.Int32
	answer func(w http.ResponseWriter, r *http.Request) bool // instead of a token
}

func newTokens(t *testing.T) *tokens {
	t.Helper()
	k := &tokens{}
	k.realm = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		user, _, _ := r.BasicAuth()
		k.mu.Lock()
		k.asked = append(k.asked, r.Method+" "+user+" "+strings.Join(r.Form["scope"], " ")+" "+r.Form.Get("service"))
		k.mu.Unlock()
		if k.answer != nil && k.answer(w, r) {
			return
		}
		scope := strings.Fields(r.Form.Get("scope"))
		fmt.Fprintf(w, `{"token":"t%d-%s","expires_in":60}`, k.serial.Load(), base64.RawURLEncoding.EncodeToString([]byte(scope[len(scope)-1])))
	}))
	t.Cleanup(k.realm.Close)
	k.server = start(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		want := "pull"
		if r.Method == "POST" || r.Method == "PUT" || r.Method == "DELETE" {
			want = "push"
		}
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), fmt.Sprintf("Bearer t%d-", k.serial.Load()))
		scope, _ := base64.RawURLEncoding.DecodeString(token)
		if !strings.HasPrefix(string(scope), "repository:shop/app:") || !strings.Contains(string(scope), want) {
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="%s/token",service="shop",scope="repository:shop/app:%s"`, k.realm.URL, want))
			w.WriteHeader(401)
			return
		}
		next.ServeHTTP(w, r)
	})
	return k
}

func (k *tokens) tokensAsked() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := k.asked
	k.asked = nil
	return out
}

func TestBearer(t *testing.T) {
	k := newTokens(t)
	r := k.repo(t, Options{Credentials: login(t, k.host, "alice", "hunter2")})
	push(t, r, "v1")
	if got := k.tokensAsked(); fmt.Sprint(got) != "[GET alice repository:shop/app:pull,push shop]" {
		t.Errorf("asked for %q", got)
	}
	anonymous := k.repo(t, Options{})
	k.forget()
	for range 3 {
		_, err := anonymous.Manifest(t.Context(), "v1")
		must(t, err)
	}
	if got := k.tokensAsked(); fmt.Sprint(got) != "[GET  repository:shop/app:pull shop]" || len(k.requests()) != 4 {
		t.Errorf("asked for %q in %q", got, k.requests())
	}
	k.serial.Add(1) // every token is void now
	_, err := anonymous.Manifest(t.Context(), "v1")
	must(t, err)
	if got := k.tokensAsked(); len(got) != 1 {
		t.Errorf("asked for %q", got)
	}
}

func TestBearerIsFetchedOnceByMany(t *testing.T) {
	k := newTokens(t)
	push(t, k.repo(t, Options{}), "v1")
	k.tokensAsked()
	r := k.repo(t, Options{})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := r.Manifest(t.Context(), "v1"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := k.tokensAsked(); len(got) != 1 {
		t.Errorf("%d tokens were fetched", len(got))
	}
}

func TestIdentityToken(t *testing.T) {
	k := newTokens(t)
	push(t, k.repo(t, Options{}), "v1")
	k.tokensAsked()
	var form url.Values
	k.answer = func(_ http.ResponseWriter, r *http.Request) bool { form = r.PostForm; return false }
	for _, content := range []string{`{"auths":{%q:{"identitytoken":"idt-canary"}}}`, `{"auths":{%q:{"auth":"PHRva2VuPjppZHQtY2FuYXJ5"}}}`} { // <token>:idt-canary
		_, err := k.repo(t, Options{Credentials: config(t, fmt.Sprintf(content, k.host))}).Manifest(t.Context(), "v1")
		must(t, err)
		if got := k.tokensAsked(); fmt.Sprint(got) != "[POST  repository:shop/app:pull shop]" || form.Get("refresh_token") != "idt-canary" || form.Get("grant_type") != "refresh_token" {
			t.Errorf("asked for %q with %v", got, form)
		}
	}
}

func TestRegistryToken(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		if r.Header.Get("Authorization") != "Bearer rt" {
			w.WriteHeader(401)
			return
		}
		sends(200, TypeManifest, []byte("{}"))(w, r, nil)
	})
	_, err := s.repo(t, Options{Credentials: config(t, fmt.Sprintf(`{"auths":{%q:{"registrytoken":"rt"}}}`, s.host))}).Manifest(t.Context(), "v1")
	must(t, err)
}

func TestV67_TokenServerAnswers(t *testing.T) {
	token := func(n int) []byte { return []byte(`{"token":"` + strings.Repeat("x", n) + `"}`) }
	for name, c := range map[string]struct {
		status int
		body   []byte
		code   Code
	}{
		"largest answer":    {200, padded(`{"token":"x"`, MaxTokenBody), Unauthorized}, // taken, and then of no use
		"larger answer":     {200, padded(`{"token":"x"`, MaxTokenBody+1), Limit},
		"largest token":     {200, token(MaxToken), Unauthorized},
		"larger token":      {200, token(MaxToken + 1), Limit},
		"no token":          {200, []byte(`{}`), Malformed},
		"no JSON":           {200, []byte(`<html>`), Malformed},
		"two tokens":        {200, []byte(`{"token":"a","token":"b"}`), Malformed},
		"header injection":  {200, []byte(`{"token":"a\r\nX-Evil: 1"}`), Malformed},
		"refused":           {401, nil, Unauthorized},
		"forbidden":         {403, nil, Denied},
		"broken":            {500, nil, Unavailable},
		"not found":         {404, nil, NotFound},
		"led away":          {307, nil, Unsupported},
		"repeats password":  {401, []byte(`{"errors":[{"code":"X","message":"bad password hunter2"}]}`), Unauthorized},
		"repeats the basic": {403, []byte(`{"errors":[{"code":"X","message":"YWxpY2U6aHVudGVyMg=="}]}`), Denied},
	} {
		k := newTokens(t)
		k.answer = func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Location", k.URL)
			w.WriteHeader(c.status)
			_, _ = w.Write(c.body)
			return true
		}
		_, err := k.repo(t, Options{Retries: -1, Credentials: login(t, k.host, "alice", "hunter2")}).Manifest(t.Context(), "v1")
		if CodeOf(err) != c.code {
			t.Errorf("%s: %v, expected %s", name, err, c.code)
		}
		if s := fmt.Sprintf("%v %+v", err, err); strings.Contains(s, "hunter2") || strings.Contains(s, "YWxpY2U6") {
			t.Errorf("%s: the error holds the password: %s", name, s)
		}
	}
}

func TestT10_TokenForMoreThanWasAskedFor(t *testing.T) {
	r, err := New(Options{}).Repository("r.example.com/shop/app")
	must(t, err)
	own := "repository:shop/app:pull"
	for scope, want := range map[string]string{
		"": own, own: own, "repository:shop/app:pull,push": own, "repository:other/app:push": own, "repository:x/shop/app:pull": "repository:x/shop/app:pull " + own,
		"registry:catalog:*": own, "repository:other:*": own, "repository:a b:pull": own, "repository:other:": own, "nonsense": own,
	} {
		if got := strings.Join(r.scopes(actPull, challenge{scope: scope}), " "); got != want {
			t.Errorf("%q: asks for %q, expected %q", scope, got, want)
		}
	}
}

func TestT10_ForeignQuestionGetsNoAnswer(t *testing.T) {
	other, got := elsewhere(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WWW-Authenticate", `Basic realm="give it to me"`)
		w.WriteHeader(401)
	})
	s := start(t, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		http.Redirect(w, r, other.URL+"/x", http.StatusTemporaryRedirect)
	})
	_, err := s.repo(t, Options{Credentials: login(t, s.host, "alice", "hunter2")}).Manifest(t.Context(), "v1")
	wantCode(t, err, Unauthorized)
	if fmt.Sprint(*got) != "[GET ]" {
		t.Errorf("the other host was sent %q", *got)
	}
}

func TestO08_CredentialsAreNotPrinted(t *testing.T) {
	c := config(t, `{"auths":{"r.example.com":{"auth":"YWxpY2U6aHVudGVyMg==","identitytoken":"canary-id","registrytoken":"canary-reg"}}}`)
	cred, err := c.For(t.Context(), "r.example.com/shop")
	must(t, err)
	if cred.Username != "alice" || !strings.Contains(cred.Source, "config.json") {
		t.Fatalf("%v", cred)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{cred, &cred, []Credential{cred}, struct{ C Credential }{cred}} {
			s := fmt.Sprintf(verb, v)
			if strings.Contains(s, "hunter2") || strings.Contains(s, "canary") || strings.Contains(s, "68756e74") {
				t.Errorf("%s prints %s", verb, s)
			}
		}
	}
	s := start(t, sends(403, "application/json", []byte(`{"errors":[{"code":"DENIED","message":"Basic YWxpY2U6aHVudGVyMg== may not"}]}`)))
	_, err = s.repo(t, Options{Credentials: login(t, s.host, "alice", "hunter2")}).Manifest(t.Context(), "v1")
	wantCode(t, err, Denied, "alice")
	if strings.Contains(err.Error(), "YWxpY2U6") {
		t.Errorf("printed: %v", err)
	}
	redirected := start(t, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		if r.URL.Query().Has("sig") {
			w.WriteHeader(500)
			return
		}
		http.Redirect(w, r, "/x?sig=canary", http.StatusTemporaryRedirect)
	})
	_, err = redirected.repo(t, Options{}).Manifest(t.Context(), "v1")
	wantCode(t, err, Unavailable)
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("printed: %v", err)
	}
}

func TestChallenges(t *testing.T) {
	for _, c := range []struct {
		headers []string
		want    string
	}{
		{nil, "<nil>"},
		{[]string{""}, "<nil>"},
		{[]string{"Negotiate"}, "<nil>"},
		{[]string{`Basic realm="x"`}, "&{basic x  }"},
		{[]string{`basic`}, "&{basic   }"},
		{[]string{`Bearer realm="https://a/t",service="s",scope="repository:a:pull,push"`}, "&{bearer https://a/t s repository:a:pull,push}"},
		{[]string{`Basic realm="x", Bearer realm="https://a/t"`}, "&{bearer https://a/t  }"},
		{[]string{`Basic realm="x"`, `bearer Realm = "https://a/t" , Service=s`}, "&{bearer https://a/t s }"},
		{[]string{`Negotiate, Basic realm="a\"b"`}, `&{basic a"b  }`},
		{[]string{`Bearer service="no realm"`}, "<nil>"},
		{[]string{`Bearer realm="open`}, "<nil>"},
		{[]string{`realm="x"`}, "<nil>"},
	} {
		if got := fmt.Sprintf("%v", choose(c.headers)); got != c.want {
			t.Errorf("%q: %s, expected %s", c.headers, got, c.want)
		}
	}
}

func FuzzHeaders(f *testing.F) {
	f.Add(`Basic realm="x", Bearer realm="https://a/t"`, `</v2/a/tags/list?n=1>; rel="next"`)
	f.Add(`Negotiate abc==`, `<a>;rel=prev, <b>; title="<c>"; rel=next`)
	f.Fuzz(func(t *testing.T, auth, link string) {
		if got := parseChallenges(auth); len(got) > maxChallenges {
			t.Errorf("%d challenges", len(got))
		}
		if c := choose([]string{auth}); c != nil && c.scheme == "bearer" && c.realm == "" {
			t.Error("a bearer challenge without a realm")
		}
		if target := linkTarget(link); target != "" && !strings.Contains(link, "<"+target+">") {
			t.Errorf("target %q is not in %q", target, link)
		}
	})
}

func TestAnonymousIsTheZeroCredential(t *testing.T) {
	var c Credential
	if !c.Anonymous() || fmt.Sprint(c) != "anonymous" || c.password()+c.identityToken()+c.registryToken() != "" {
		t.Errorf("%v", c)
	}
}
