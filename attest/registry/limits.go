// SPDX-License-Identifier: Apache-2.0

package registry

import "time"

// Bounds on what a registry may send and how long it may take. Past one of them is an error that names it, never a truncation.
const (
	MaxManifest      = 4 << 20   // bytes of one manifest (the distribution specification's own bound)
	MaxReferrersPage = 4 << 20   // bytes of one page of referrers
	MaxPages         = 64        // pages of one listing of referrers
	MaxReferrers     = 4096      // referrers of one manifest
	MaxTagsPage      = 16 << 20  // bytes of one page of tags
	MaxTagsPages     = 1024      // pages of one listing of tags
	MaxTags          = 100_000   // tags of one repository
	MaxErrorBody     = 64 << 10  // bytes of an error's body that are looked at
	MaxTokenBody     = 1 << 20   // bytes of a token server's answer
	MaxToken         = 64 << 10  // bytes of one token
	MaxHeaders       = 256 << 10 // bytes of an answer's headers
	MaxRedirects     = 5         // redirects of one request
	MaxURL           = 16 << 10  // bytes of an address that a registry names
	MaxInline        = 4 << 20   // bytes of content within a descriptor
	MaxAtOnce        = 8         // requests to one host at a time
	DefaultRetries   = 4         // further tries of a request that may be repeated
	MinRate          = 16 << 10  // bytes a second below which a transfer is given up, past the time that a small request has

	StallTime     = 30 * time.Second // without a byte
	SmallTime     = 60 * time.Second // one request with a small answer, from first to last byte
	DialTime      = 15 * time.Second // connecting
	IdleTime      = 90 * time.Second // a connection is kept open unused
	MaxRetryAfter = 30 * time.Second // that a registry may ask to wait before the next try
	MaxBackoff    = 8 * time.Second  // between two tries
	firstBackoff  = 250 * time.Millisecond

	MaxConfigFile   = 4 << 20          // bytes of a file with credentials
	MaxHelperOutput = 1 << 20          // bytes that a credential helper may write
	HelperTime      = 30 * time.Second // that a credential helper may take
	maxMessage      = 300              // bytes of a registry's own words in an error
)
