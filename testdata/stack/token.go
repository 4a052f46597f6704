// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// What distribution is told about who issues tokens, and for whom.
const (
	tokenIssuer  = "sealock-stack"
	tokenService = "sealock-registry"
	tokenLife    = time.Minute
)

// tokenServer is the endpoint of https://distribution.github.io/distribution/spec/auth/token/: it gives a signed token for the scopes asked
// for. Without credentials it grants pull only; with wrong ones nothing.
type tokenServer struct {
	certs *certificates
	now   func() time.Time
}

type grant struct {
	Type    string   `json:"type"`
	Name    string   `json:"name"`
	Actions []string `json:"actions"`
}

func (s *tokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, password, given := r.BasicAuth()
	if given && (user != User || password != Password) {
		http.Error(w, `{"errors":[{"code":"UNAUTHORIZED"}]}`, http.StatusUnauthorized)
		return
	}
	token, err := s.token(user, r.URL.Query().Get("service"), grants(r.URL.Query()["scope"], given))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"token": token, "expires_in": int(tokenLife.Seconds())})
}

// grants reads scopes of the form type:name:action,action. A name may hold colons.
func grants(scopes []string, known bool) []grant {
	out := []grant{}
	for _, scope := range scopes {
		for _, one := range strings.Fields(scope) {
			parts := strings.Split(one, ":")
			if len(parts) < 3 {
				continue
			}
			actions := strings.Split(parts[len(parts)-1], ",")
			if !known {
				actions = []string{"pull"}
			}
			out = append(out, grant{parts[0], strings.Join(parts[1:len(parts)-1], ":"), actions})
		}
	}
	return out
}

// token is a JWT signed with the server's key, whose certificate it carries.
func (s *tokenServer) token(user, service string, access []grant) (string, error) {
	now := s.now()
	header := map[string]any{"typ": "JWT", "alg": "RS256", "x5c": []string{base64.StdEncoding.EncodeToString(s.certs.leaf)}}
	claims := map[string]any{"iss": tokenIssuer, "sub": user, "aud": service, "iat": now.Unix(), "nbf": now.Add(-5 * time.Second).Unix(),
		"exp": now.Add(tokenLife).Unix(), "jti": rand.Text(), "access": access}
	var parts []string
	for _, part := range []any{header, claims} {
		raw, err := json.Marshal(part)
		if err != nil {
			return "", err
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(raw))
	}
	signed := strings.Join(parts, ".")
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(rand.Reader, s.certs.key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(sig), nil
}
