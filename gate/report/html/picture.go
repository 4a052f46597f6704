// SPDX-License-Identifier: Apache-2.0

package html

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// maxDrawn bounds the boxes of a picture: more can't be read. The table beside it lists all.
const maxDrawn = 48

// Sizes in the units of the view box, which are pixels on a wide screen.
const (
	boxWidth   = 172
	lineHeight = 16
	boxPadding = 10
	gapAcross  = 44
	gapDown    = 18
	arcRoom    = 96 // beside a single column
)

// node is a box before it has a place.
type node struct {
	Title string
	Lines []string
	Class string // ok, bad, open or plain
}

// link is an arrow between two nodes.
type link struct {
	From, To int
	Class    string // plain, bad or faint
}

// box is a node at its place.
type box struct {
	X, Y, W, H int
	Class      string
	Full       string // all of it, for a pointer that rests on it
	Title      textLine
	Lines      []textLine
}

type textLine struct {
	X, Y int
	Text string
}

// arrow is a line with its head.
type arrow struct {
	Class, Line, Head string
}

// picture is a drawing for one width of screen.
type picture struct {
	Class         string // wide or tall
	Width, Height int
	Boxes         []box
	Arrows        []arrow
}

// draw makes the two pictures of a graph: layers side by side, and a single column with arcs for narrow screens.
func draw(nodes []node, links []link) []picture {
	if len(nodes) == 0 || len(nodes) > maxDrawn {
		return nil
	}
	depth := layers(len(nodes), links)
	return []picture{wide(nodes, links, depth), tall(nodes, links, depth)}
}

// layers gives each node its distance from the start, so that arrows lead onward where there is no cycle.
func layers(n int, links []link) []int {
	next := make([][]int, n)
	for _, l := range links {
		next[l.From] = append(next[l.From], l.To)
	}
	state, order := make([]int, n), []int{} // 1: on the way, 2: done
	onward := make([][]int, n)
	var visit func(int)
	visit = func(i int) {
		state[i] = 1
		for _, j := range next[i] {
			if state[j] == 1 {
				continue // it leads back
			}
			onward[i] = append(onward[i], j)
			if state[j] == 0 {
				visit(j)
			}
		}
		state[i] = 2
		order = append(order, i)
	}
	for i := range n {
		if state[i] == 0 {
			visit(i)
		}
	}
	depth := make([]int, n)
	for _, i := range slices.Backward(order) {
		for _, j := range onward[i] {
			depth[j] = max(depth[j], depth[i]+1)
		}
	}
	return depth
}

func height(n node) int { return 2*boxPadding + lineHeight*(1+len(n.Lines)) - 4 }

// place makes a box of a node.
func place(n node, x, y, w int) box {
	b := box{X: x, Y: y, W: w, H: height(n), Class: n.Class, Full: strings.Join(append([]string{n.Title}, n.Lines...), "\n")}
	b.Title = textLine{x + boxPadding, y + boxPadding + 11, fit(n.Title, inside(w)*8/10)}
	for i, l := range n.Lines {
		b.Lines = append(b.Lines, textLine{x + boxPadding, y + boxPadding + 11 + lineHeight*(i+1), fit(l, inside(w))})
	}
	return b
}

// wide puts each layer into a column.
func wide(nodes []node, links []link, depth []int) picture {
	p := picture{Class: "wide", Boxes: make([]box, len(nodes))}
	heights := make([]int, slices.Max(depth)+1)
	for i, n := range nodes {
		heights[depth[i]] += height(n) + gapDown
	}
	tallest := slices.Max(heights)
	next := make([]int, len(heights))
	for i, n := range nodes {
		d := depth[i]
		top := 4 + (tallest-heights[d])/2 + next[d]
		p.Boxes[i] = place(n, 4+d*(boxWidth+gapAcross), top, boxWidth)
		next[d] += height(n) + gapDown
	}
	p.Width, p.Height = len(heights)*(boxWidth+gapAcross)-gapAcross+8, tallest-gapDown+8
	for _, l := range links {
		p.Arrows = append(p.Arrows, across(p.Boxes[l.From], p.Boxes[l.To], l))
	}
	return p
}

// across leads from the right side of a box to the left side of another; one that leads back goes below both.
func across(a, b box, l link) arrow {
	x1, y1, x2, y2 := a.X+a.W, a.Y+a.H/2, b.X, b.Y+b.H/2
	head := fmt.Sprintf("M%d %dl-8 -4v8z", x2, y2)
	if x2 <= a.X { // back, or within a layer
		y1, y2 = a.Y+a.H, b.Y+b.H
		x1, x2 = a.X+a.W/2, b.X+b.W/2
		return arrow{l.Class, fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1, y1+26, x2, y2+26, x2, y2+7), fmt.Sprintf("M%d %dl-4 8h8z", x2, y2)}
	}
	mid := max(16, (x2-x1)/2)
	return arrow{l.Class, fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1+mid, y1, x2-mid-4, y2, x2-7, y2), head}
}

// tall puts all into one column, by layer; arrows are arcs on its right.
func tall(nodes []node, links []link, depth []int) picture {
	const w = 252
	order := make([]int, len(nodes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return depth[a] - depth[b] })
	p := picture{Class: "tall", Boxes: make([]box, len(nodes)), Width: w + arcRoom + 8}
	y, at := 4, make([]int, len(nodes))
	for row, i := range order {
		at[i] = row
		p.Boxes[i] = place(nodes[i], 4, y, w)
		y += p.Boxes[i].H + gapDown
	}
	p.Height = y - gapDown + 4
	for _, l := range links {
		a, b := p.Boxes[l.From], p.Boxes[l.To]
		if at[l.To] == at[l.From]+1 { // straight down
			x, y1, y2 := a.X+24, a.Y+a.H, b.Y
			p.Arrows = append(p.Arrows, arrow{l.Class, fmt.Sprintf("M%d %dV%d", x, y1, y2-7), fmt.Sprintf("M%d %dl-4 -8h8z", x, y2)})
			continue
		}
		x, y1, y2 := a.X+a.W, a.Y+a.H/2+4, b.Y+b.H/2-4
		out := x + min(arcRoom*4/3-12, 24+10*abs(at[l.To]-at[l.From]))
		p.Arrows = append(p.Arrows, arrow{l.Class, fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x, y1, out, y1, out, y2, x+7, y2), fmt.Sprintf("M%d %dl8 -4v8z", x, y2)})
	}
	return p
}

func abs(n int) int { return max(n, -n) }

// inside is the room for text in a box.
func inside(w int) int { return w - 2*boxPadding }

// drawn is how wide a text is at the size of the boxes' lines, near enough: what it is drawn with is the reader's own font.
func drawn(s string) int {
	tenths := 0
	for _, r := range s {
		switch {
		case r >= 0x1100: // East Asian, and symbols
			tenths += 125
		case unicode.IsUpper(r) || strings.ContainsRune("mwMW@%", r):
			tenths += 88
		case strings.ContainsRune("iljftr.,:;'| ", r):
			tenths += 42
		default:
			tenths += 73
		}
	}
	return tenths / 10
}

// fit shortens a text to a width.
func fit(s string, width int) string {
	if drawn(s) <= width {
		return s
	}
	runes := []rune(s)
	runes = runes[:min(len(runes), width)] // no letter is that narrow
	for len(runes) > 0 && drawn(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}
