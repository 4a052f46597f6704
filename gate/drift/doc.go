// SPDX-License-Identifier: Apache-2.0

// Package drift holds what runs against what was attested and promoted.
//
// Use: Compare with the images that run (from ParseList, or from package cluster) and a Judge, then Report.Verdict and the renderers. A Judge of a
// gate is NewJudgement for one image; how an image is resolved and where its evidence lies is the program's business.
//
// Guarantees: what runs is the digest that the runtime reports, never the tag in the spec. Every image stands in the report with a status of its own:
// a verified one hides no other, and what could not be found out is undecided. Each image is judged once for an environment, however many pods name it,
// by the question stay, so that the verdict is that of admission and of the command line. The report depends on nothing but what was handed in, in any order.
// Live objects that were held against manifests stand in the report beside images; manifests that nobody vouches for make the report refused.
//
// Limits: a runtime that lies about what it runs is believed. Objects are compared by package cluster; here their images alone are.
package drift
