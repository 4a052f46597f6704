# SPDX-License-Identifier: Apache-2.0

# Severities, from the least (0) to the worst (4).
package sealock.lib.levels

rank := {"negligible": 0, "low": 1, "medium": 2, "high": 3, "critical": 4}

words := {-1: "unknown", 0: "negligible", 1: "low", 2: "medium", 3: "high", 4: "critical"}
