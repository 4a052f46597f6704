// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Side is one side of a comparison: a job, and what makes things ready for it each time, which is not measured.
type Side struct {
	Name   string
	Job    Job
	Before func() error
}

func (s Side) run(ctx context.Context) (Use, error) {
	if s.Before != nil {
		if err := s.Before(); err != nil {
			return Use{}, fmt.Errorf("preparing %s: %w", s.Name, err)
		}
	}
	return measure(ctx, s.Job)
}

// Pair is the medians of two sides that ran in turns.
type Pair struct {
	A, B  Use
	Ratio float64 // median of wall time of A over that of B, round by round
}

// compare runs both sides once to warm up, then k rounds of both, the first and the second in turns.
func compare(ctx context.Context, k int, a, b Side) (Pair, error) {
	var as, bs []Use
	var ratios []float64
	for round := -1; round < k; round++ {
		sides := []Side{a, b}
		uses := make([]Use, 2)
		for i := range sides {
			at := (i + round + 1) % 2
			u, err := sides[at].run(ctx)
			if err != nil {
				return Pair{}, err
			}
			uses[at] = u
		}
		if round < 0 {
			continue
		}
		as, bs = append(as, uses[0]), append(bs, uses[1])
		ratios = append(ratios, float64(uses[0].Wall)/float64(uses[1].Wall))
	}
	return Pair{medianUse(as), medianUse(bs), median(ratios)}, nil
}

// repeat runs one side k times after a warm-up.
func repeat(ctx context.Context, k int, s Side) (Use, error) {
	var uses []Use
	for round := -1; round < k; round++ {
		u, err := s.run(ctx)
		if err != nil {
			return Use{}, err
		}
		if round >= 0 {
			uses = append(uses, u)
		}
	}
	return medianUse(uses), nil
}

func medianUse(uses []Use) Use {
	var wall, cpu []time.Duration
	var rss []int64
	for _, u := range uses {
		wall, cpu, rss = append(wall, u.Wall), append(cpu, u.CPU), append(rss, u.RSS)
	}
	return Use{median(wall), median(cpu), median(rss)}
}

// median is the middle value, or the mean of the two middle ones.
func median[T ~int64 | ~float64](v []T) T {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}
