// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Argon2id with 19 MiB and two passes: the OWASP password storage cheat sheet's first choice.
const (
	argonTime    = 2
	argonMemory  = 19 << 10 // KiB
	argonThreads = 1
	saltSize     = 16
	keySize      = 32
)

const scheme = "argon2id"

// HashPassword gives the form in which a password is stored: argon2id$SALT$KEY.
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
		return stored{}, errors.New("password record is not of the form argon2id$SALT$KEY")
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
	return argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, keySize)
}
