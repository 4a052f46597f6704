// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"errors"
	"slices"
	"time"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/scanners/vulns"
)

// examineData looks at the vulnerability data and holds its age against the rule that judges it.
func (d *doctor) examineData() {
	needed := false
	if d.pipeline != nil {
		for _, s := range d.pipeline.Stages {
			needed = needed || slices.Contains(s.Evidence, predicate.KindVulns)
		}
	}
	const next = "run 'sealock db update', or 'sealock db import FILE' without a network"
	place, err := d.dataPlace()
	var st vulns.Status
	if err == nil {
		st, err = vulns.ReadStatus(place.folder)
	}
	switch {
	case errors.Is(err, vulns.ErrNoData) && place.archive != "":
		d.ok("data", "imported from %s when it is first needed", place.archive)
	case err != nil && !needed:
		d.ok("data", "none, and no stage scans for vulnerabilities")
	case errors.Is(err, vulns.ErrNoData) && !place.named && !d.offline:
		d.warn("data", next, "none yet in %s; the first scan downloads it", place.folder)
	case err != nil:
		d.fail("data", err, next)
	case d.tooOld(st) != "":
		d.warn("data", next, "updated %s, and the policy refuses more than %s", d.dated(st.Updated), d.tooOld(st))
	default:
		d.ok("data", "updated %s, built %s", d.dated(st.Updated), d.dated(st.Built))
		if t, err := time.Parse(time.RFC3339, st.Built); err != nil || t.Sub(d.now()) > vulns.MaxSkew {
			d.warn("clock", "check the clock of this machine", "the vulnerability data was built on %s, which is in the future", st.Built)
		}
	}
}

// tooOld is the age at which the rule "freshness" refuses vulnerability data, if the data is older than that.
func (d *doctor) tooOld(st vulns.Status) string {
	if d.policy == nil {
		return ""
	}
	var limit any
	for _, r := range d.policy.RuleSet().Rules() {
		if r.ID == "freshness" {
			limit = r.Parameters["data"]
		}
	}
	if set, ok := d.policy.Params("")["freshness"]["data"]; ok {
		limit = set
	}
	text, _ := limit.(string)
	most, err := gate.ParseDuration(text)
	updated, timeErr := time.Parse(time.RFC3339, st.Updated)
	if err != nil || timeErr != nil || d.now().Sub(updated) <= time.Duration(most) {
		return ""
	}
	return text
}
