// SPDX-License-Identifier: Apache-2.0

package kms

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// The example of AWS's own documentation of Signature Version 4 (its credential is a well-known sample).
func TestSignatureVersion4(t *testing.T) {
	t.Parallel()
	c := awsCredential{id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG" + "+bPxRfiCYEXAMPLEKEY"}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}
	err := c.authorize(header, http.MethodGet, "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", nil, "us-east-1", "iam", time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	const want = "SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
	if got := header.Get("Authorization"); !strings.HasSuffix(got, want) {
		t.Errorf("got %s", got)
	}
}
