// SPDX-License-Identifier: Apache-2.0

package config

import (
	"math/big"
	"net/netip"
	"strings"
)

// network are Terraform's functions of addresses, with known arguments. A nil result is an error.
func network(name string, args []any) (any, bool) {
	switch name {
	case "cidrhost", "cidrnetmask", "cidrsubnet", "cidrsubnets":
	default:
		return nil, false
	}
	if len(args) == 0 {
		return nil, true
	}
	t, _, _ := render(args[0])
	p, err := netip.ParsePrefix(strings.TrimSpace(t))
	if err != nil {
		return nil, true
	}
	var n []int
	for _, a := range args[1:] {
		i, ok := integer(a)
		if !ok {
			return nil, true
		}
		n = append(n, i)
	}
	p = p.Masked()
	switch {
	case name == "cidrhost" && len(n) == 1:
		return orNil(host(p, n[0]))
	case name == "cidrnetmask" && len(n) == 0 && p.Addr().Is4():
		mask := big.NewInt(1<<32 - 1<<(32-p.Bits()))
		return orNil(address(mask, p.Addr()))
	case name == "cidrsubnet" && len(n) == 2:
		return orNil(subnet(p, n[0], n[1]))
	case name == "cidrsubnets" && len(n) <= maxRange:
		return subnets(p, n), true
	}
	return nil, true
}

func orNil(s string, ok bool) (any, bool) {
	if !ok {
		return nil, true
	}
	return s, true
}

func asNumber(a netip.Addr) *big.Int { return new(big.Int).SetBytes(a.AsSlice()) }

// address is a number as an address of the family of another one.
func address(n *big.Int, like netip.Addr) (string, bool) {
	if n.Sign() < 0 || n.BitLen() > like.BitLen() {
		return "", false
	}
	a, ok := netip.AddrFromSlice(n.FillBytes(make([]byte, like.BitLen()/8)))
	return a.String(), ok
}

// host is an address in a network; negative numbers count from its end.
func host(p netip.Prefix, n int) (string, bool) {
	size := new(big.Int).Lsh(big.NewInt(1), uint(p.Addr().BitLen()-p.Bits())) //nolint:gosec // never negative
	at := big.NewInt(int64(n))
	if n < 0 {
		at.Add(at, size)
	}
	if at.Sign() < 0 || at.Cmp(size) >= 0 {
		return "", false
	}
	return address(at.Add(at, asNumber(p.Addr())), p.Addr())
}

// subnet is a part of a network, so many bits smaller.
func subnet(p netip.Prefix, bits, n int) (string, bool) {
	length := p.Bits() + bits
	if bits < 0 || length > p.Addr().BitLen() || n < 0 || bits < 63 && n >= 1<<bits {
		return "", false
	}
	at := new(big.Int).Lsh(big.NewInt(int64(n)), uint(p.Addr().BitLen()-length)) //nolint:gosec // never negative
	a, ok := address(at.Add(at, asNumber(p.Addr())), p.Addr())
	return a + "/" + big.NewInt(int64(length)).String(), ok
}

// subnets are parts of a network one after the other, each so many bits smaller; nil if they don't fit.
func subnets(p netip.Prefix, bits []int) any {
	total := p.Addr().BitLen()
	next := asNumber(p.Addr())
	out := []any{}
	for _, b := range bits {
		length := p.Bits() + b
		if b < 1 || length > total {
			return nil
		}
		step := new(big.Int).Lsh(big.NewInt(1), uint(total-length)) //nolint:gosec // never negative
		if rest := new(big.Int).Mod(next, step); rest.Sign() != 0 {
			next.Add(next, rest.Sub(step, rest))
		}
		a, ok := address(next, p.Addr())
		if at, err := netip.ParseAddr(a); !ok || err != nil || !p.Contains(at) {
			return nil
		}
		out = append(out, a+"/"+big.NewInt(int64(length)).String())
		next.Add(next, step)
	}
	return out
}
