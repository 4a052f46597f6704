# SPDX-License-Identifier: Apache-2.0

# What the rules over pipelines of every kind share.
package sealock.lib.config_pipeline

import data.sealock.lib.config_github as github
import data.sealock.lib.config_gitlab as gitlab
import data.sealock.lib.config_jenkins as jenkins

# scripts is every script that a pipeline gives to a shell: [{item, path, text}]. One of GitLab is a line.
scripts := array.concat(
	array.concat(
		[{"item": s.item, "path": array.concat(s.path, ["run"]), "text": s.text} | some s in github.runs],
		[{"item": l.item, "path": l.path, "text": l.text} | some l in gitlab.lines],
	),
	[{"item": s.item, "path": s.path, "text": s.step.text} | some s in jenkins.scripts],
)

# variables is every variable that a pipeline sets: [{item, path, name, value}].
variables := array.concat(
	array.concat(
		[{"item": e.item, "path": array.concat(e.path, [key]), "name": key, "value": value} | some e in github.environments; some key, value in e.values],
		gitlab.variables,
	),
	jenkins.environment,
)
