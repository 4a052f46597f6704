// SPDX-License-Identifier: Apache-2.0

package config

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

func isMerge(k *yaml.Node) bool { return k.Kind == yaml.ScalarNode && k.ShortTag() == "!!merge" }

// keyText is a key as text.
func keyText(k *yaml.Node, s schema) (string, bool) {
	for hops := 0; k.Kind == yaml.AliasNode && hops < 2; hops++ {
		k = k.Alias
	}
	if k.Kind != yaml.ScalarNode {
		return "", false
	}
	switch v := scalar(k, s).(type) {
	case string:
		return v, true
	case bool:
		if s == yaml11 {
			return strconv.FormatBool(v), true
		}
	case int:
		if s == yaml11 {
			return strconv.Itoa(v), true
		}
	}
	return k.Value, true
}

// scalar is the value of a scalar node: string, bool, int, float64 or nil.
func scalar(n *yaml.Node, s schema) any {
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		switch n.Value {
		case "true", "True", "TRUE":
			return true
		case "false", "False", "FALSE":
			return false
		}
		if b, ok := oldBoolean(n.Value); ok {
			return b
		}
	case "!!int":
		return number(n)
	case "!!float":
		if f, ok := number(n).(float64); ok && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f
		}
	case "!!binary":
		if b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(n.Value), "")); err == nil {
			return string(b)
		}
	case "!!str":
		if plain := n.Style == 0; plain && s == yaml11 {
			if b, ok := oldBoolean(n.Value); ok {
				return b
			}
		}
	}
	return n.Value
}

// oldBoolean has the words that are booleans in YAML 1.1 only.
func oldBoolean(s string) (value, ok bool) {
	switch s {
	case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON":
		return true, true
	case "n", "N", "no", "No", "NO", "off", "Off", "OFF":
		return false, true
	}
	return false, false
}

func number(n *yaml.Node) any {
	if i, err := strconv.Atoi(n.Value); err == nil && (len(n.Value) == 1 || n.Value[0] != '0') {
		return i
	}
	var v any
	if err := n.Decode(&v); err != nil {
		return n.Value
	}
	switch v := v.(type) {
	case int:
		return v
	case int64:
		return int(v)
	case uint64:
		return float64(v)
	case float64:
		return v
	}
	return n.Value
}
