// SPDX-License-Identifier: Apache-2.0

package config

import (
	_ "github.com/moby/buildkit/frontend/dockerfile/parser"
)
