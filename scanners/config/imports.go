// SPDX-License-Identifier: Apache-2.0

package config

import (
	_ "github.com/hashicorp/hcl/v2/hclsyntax"
	_ "github.com/moby/buildkit/frontend/dockerfile/parser"
	_ "helm.sh/helm/v3/pkg/chart/loader"
	_ "helm.sh/helm/v3/pkg/chartutil"
	_ "helm.sh/helm/v3/pkg/engine"
	_ "sigs.k8s.io/kustomize/api/krusty"
	_ "sigs.k8s.io/kustomize/kyaml/filesys"
	_ "github.com/zclconf/go-cty/cty/function/stdlib"
)
