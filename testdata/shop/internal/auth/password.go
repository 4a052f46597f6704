// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// PBKDF2 with HMAC-SHA-256 and the rounds of the OWASP password storage cheat sheet: what Go's own library has.
const (
	rounds   = 600_000
	saltSize = 16
	keySize  = 32
)

const scheme = "pbkdf2-sha256"

// HashPassword gives the form in which a password is stored: pbkdf2-sha256$SALT$KEY.
func HashPassword(password string) string {
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails: it ends the process instead (package crypto/rand)
	enc := base64.RawStdEncoding
	return scheme + "$" + enc.EncodeToString(salt) + "$" + enc.EncodeToString(derive(password, salt))
}

// stored is a parsed password record.
type stored struct{ salt, key []byte }

func parseStored(s string) (stored, error) {
	parts := strings.Split(s, "$")
	if len(parts) != 3 || parts[0] != scheme {
		return stored{}, errors.New("password record is not of the form pbkdf2-sha256$SALT$KEY")
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[1])
	if err != nil || len(salt) != saltSize {
		return stored{}, errors.New("password record has a bad salt")
	}
	key, err := base64.RawStdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != keySize {
		return stored{}, errors.New("password record has a bad key")
	}
	return stored{salt, key}, nil
}

func (s stored) matches(password string) bool {
	return subtle.ConstantTimeCompare(s.key, derive(password, s.salt)) == 1
}

func derive(password string, salt []byte) []byte {
	key, err := pbkdf2.Key(sha256.New, password, salt, rounds, keySize)
	if err != nil { // only for keys and salts that FIPS mode forbids, and these are long enough
		panic(fmt.Sprintf("deriving a key: %v", err))
	}
	return key
}
