// SPDX-License-Identifier: Apache-2.0

package html

import (
	"encoding/json"
	"html/template"
	"net/url"
	"strings"
)

// firstRows is how many rows of a list stand in the page itself. The script shows as many at a time.
const firstRows = 50

// A cell may refer to others of its row: the byte firstRef+i stands for the text of column i. plain leaves no such byte in what comes from
// outside. It makes package URLs and links of many rows the same text, which is then in the page once.
const (
	firstRef = 1
	lastRef  = 8
)

// Kinds of columns.
const (
	kindText   = "text"
	kindCode   = "code"
	kindLevel  = "level"  // a severity or a verdict, which also chooses the colour
	kindHidden = "hidden" // the link of another column
)

// column is one column of a grid.
type column struct {
	Title  string `json:"title"`
	Kind   string `json:"kind"`
	Link   int    `json:"link"`   // the hidden column with the address that this one leads to; -1: none
	Filter bool   `json:"filter"` // can be chosen from a list of its values
}

// grid is a list that may be very long.
type grid struct {
	ID      string
	Caption string
	Noun    string // what a row is, in the plural
	Columns []column
	rows    [][]string
}

func text(title string) column   { return column{Title: title, Kind: kindText, Link: -1} }
func code(title string) column   { return column{Title: title, Kind: kindCode, Link: -1} }
func choice(title string) column { return column{Title: title, Kind: kindText, Link: -1, Filter: true} }
func level(title string) column  { return column{Title: title, Kind: kindLevel, Link: -1, Filter: true} }

// linked is a column whose texts lead to the addresses in another one.
func linked(title string, to int) column { return column{Title: title, Kind: kindText, Link: to} }

func hidden() column { return column{Kind: kindHidden, Link: -1} }

// ref stands for another column's text in a cell.
func ref(col int) string { return string(rune(firstRef + col)) }

// add appends a row of texts from outside, which it makes inert.
func (g *grid) add(cells ...string) {
	for i, c := range cells {
		cells[i] = plain(c)
	}
	g.rows = append(g.rows, cells)
}

// pattern replaces the cell of a column in the last row by its form with references, which must be made of inert text.
func (g *grid) pattern(col int, cell string) { g.rows[len(g.rows)-1][col] = cell }

// cell gives the inert text of a column in the last row.
func (g *grid) cell(col int) string { return g.rows[len(g.rows)-1][col] }

// expand resolves the references of a cell.
func expand(row []string, col int) string {
	cell := row[col]
	if !strings.ContainsFunc(cell, func(r rune) bool { return r >= firstRef && r <= lastRef }) {
		return cell
	}
	var b strings.Builder
	for _, r := range cell {
		if i := int(r) - firstRef; i >= 0 && r <= lastRef && i < len(row) && i != col {
			b.WriteString(row[i])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// shownCell is a cell as the template writes it.
type shownCell struct {
	Kind, Text, Link, Class string
}

// Count is the number of rows.
func (g *grid) Count() int { return len(g.rows) }

// Visible are the columns that are shown.
func (g *grid) Visible() []column {
	var out []column
	for _, c := range g.Columns {
		if c.Kind != kindHidden {
			out = append(out, c)
		}
	}
	return out
}

// Filters are the columns whose values can be chosen.
func (g *grid) Filters() []int {
	var out []int
	for i, c := range g.Columns {
		if c.Filter {
			out = append(out, i)
		}
	}
	return out
}

// First are the rows that stand in the page itself.
func (g *grid) First() [][]shownCell {
	var out [][]shownCell
	for _, row := range g.rows[:min(firstRows, len(g.rows))] {
		var cells []shownCell
		for i, c := range g.Columns {
			if c.Kind == kindHidden {
				continue
			}
			cell := shownCell{Kind: c.Kind, Text: expand(row, i)}
			if c.Link >= 0 {
				cell.Link = webURL(expand(row, c.Link))
			}
			if c.Kind == kindLevel {
				cell.Class = levelClass(cell.Text)
			}
			cells = append(cells, cell)
		}
		out = append(out, cells)
	}
	return out
}

// gridData is what the script reads: each text once, and for each column the number of every row's text.
type gridData struct {
	Columns []column `json:"columns"`
	Noun    string   `json:"noun"`
	Rows    int      `json:"rows"`
	Page    int      `json:"page"`
	Texts   []string `json:"texts"`
	Cells   [][]int  `json:"cells"`
}

// Data is the whole list as JSON in which no character could end the element that it stands in.
func (g *grid) Data() (template.JS, error) {
	d := gridData{Columns: g.Columns, Noun: g.Noun, Rows: len(g.rows), Page: firstRows, Texts: []string{}, Cells: make([][]int, len(g.Columns))}
	known := map[string]int{}
	for i := range g.Columns {
		d.Cells[i] = make([]int, len(g.rows))
		for j, row := range g.rows {
			n, ok := known[row[i]]
			if !ok {
				n = len(d.Texts)
				known[row[i]] = n
				d.Texts = append(d.Texts, row[i])
			}
			d.Cells[i][j] = n
		}
	}
	b, err := json.Marshal(d)  // it writes <, > and & as \u00..
	return template.JS(b), err //nolint:gosec // JSON, escaped for HTML
}

// webURL gives an address back if it is one of the web, else "".
func webURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return ""
	}
	return u.String()
}
