// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"path/filepath"
	"sync"
	"testing"
)

// Several first runs at once end up with one and the same key pair.
func TestKeysMadeAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	var wg sync.WaitGroup
	pubs := make([][]byte, 6)
	for i := range pubs {
		wg.Go(func() {
			k := &keyring{options: &options{host: &host{environ: []string{"SEALOCK_KEYS=" + dir}}}}
			if _, err := k.ensure("release"); err != nil {
				t.Error(err)
				return
			}
			pub, err := k.public("release")
			if err != nil {
				t.Error(err)
			}
			pubs[i] = pub
			if s, err := k.signer("local:release"); err != nil {
				t.Error(err)
			} else if _, id, err := parseKey(pub); err != nil || id != s.Identity().Key {
				t.Errorf("the private key is not that of the public one: %v", err)
			}
		})
	}
	wg.Wait()
	for _, pub := range pubs {
		if len(pub) == 0 || !bytes.Equal(pub, pubs[0]) {
			t.Error("two different keys were handed out")
		}
	}
}
