// SPDX-License-Identifier: Apache-2.0

package registry

import (
	stdjson "encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
)

// A descriptor is read alike by both decoders, and what is none by neither.
func TestDescriptorIsReadAlike(t *testing.T) {
	t.Parallel()
	digest := "sha256:" + strings.Repeat("a", 64)
	for text, sound := range map[string]bool{
		`{"digest":"` + digest + `","size":3}`: true,
		`{"mediaType":"m","digest":"` + digest + `","size":0,"data":"YWJj","annotations":{"a":"b"},"artifactType":"t","unknown":[{}]}`: true,
		`{"digest":"` + digest + `"}`:                                    false,
		`{"digest":"` + digest + `","size":-1}`:                          false,
		`{"digest":"` + digest + `","size":1.5}`:                         false,
		`{"digest":"sha256:a","size":1}`:                                 false,
		`{"Digest":"` + digest + `","size":1}`:                           false,
		`{"digest":"` + digest + `","size":1,"data":"` + "!" + `"}`:      false,
		`{"digest":"` + digest + `","digest":"` + digest + `","size":1}`: false,
		`{"digest":"` + digest + `","size":1,"x":{"a":1,"a":2}}`:         false,
		`null`: false,
		`"x"`:  false,
	} {
		var strict []Descriptor
		err := attest.DecodeJSON([]byte("["+text+"]"), &strict)
		var std Descriptor
		stdErr := std.UnmarshalJSON(stdjson.RawMessage(text))
		if (err == nil) != sound || (stdErr == nil) != sound {
			t.Errorf("%s: %v and %v, sound: %v", text, err, stdErr, sound)
		}
		if sound && !reflect.DeepEqual(strict[0], std) {
			t.Errorf("%s: read as %+v and as %+v", text, strict[0], std)
		}
	}
}
