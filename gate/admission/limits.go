// SPDX-License-Identifier: Apache-2.0

package admission

import "time"

// Limits bound what the server does at once, and how long it keeps what it found out. A zero field takes its default.
type Limits struct {
	Verdicts    int           // kept at a time: 10,000
	Allowed     time.Duration // how long an allowed verdict is kept: 2 minutes
	Refused     time.Duration // how long a refusal is kept: 30 seconds
	Deadline    time.Duration // for one review: 8 seconds, and always less than the API server waits
	Verify      time.Duration // for finding out about one image: 15 seconds, for whoever asks again
	Reviews     int           // in progress at once: 8192
	Waiting     int           // of those, waiting for a registry: 2048
	PerRegistry int           // images looked up at one registry at once: 8
	Failures    int           // of a registry in a row before it is left alone: 5
	Rest        time.Duration // how long it is left alone: 5 seconds
	Namespace   time.Duration // how long the labels of a namespace are kept: 10 seconds
}

// Bounds that are not chosen.
const (
	bodies        = 32 << 20 // bytes of reviews that are being read and decoded
	perReview     = 8        // images of one review looked up at once
	maxNamespaces = 20000    // whose labels are kept
	tagTime       = 2 * time.Second
	tagLife       = 10 * time.Second
	maxParsed     = 4096 // references whose parts are remembered
	parsedLife    = time.Hour
	margin        = 500 * time.Millisecond // by which the own deadline is shorter than the API server's
)

func (l Limits) withDefaults() Limits {
	for _, n := range []struct {
		value *int
		or    int
	}{{&l.Verdicts, 10000}, {&l.Reviews, 8192}, {&l.Waiting, 2048}, {&l.PerRegistry, 8}, {&l.Failures, 5}} {
		if *n.value <= 0 {
			*n.value = n.or
		}
	}
	for _, d := range []struct {
		value *time.Duration
		or    time.Duration
	}{{&l.Allowed, 2 * time.Minute}, {&l.Refused, 30 * time.Second}, {&l.Deadline, 8 * time.Second}, {&l.Verify, 15 * time.Second}, {&l.Rest, 5 * time.Second}, {&l.Namespace, 10 * time.Second}} {
		if *d.value <= 0 {
			*d.value = d.or
		}
	}
	return l
}
