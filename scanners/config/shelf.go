// SPDX-License-Identifier: Apache-2.0

package config

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// shelf keeps values of items in few bytes: what rules read that look at several of them. Texts are kept once.
type shelf struct {
	texts   *texts
	bytes   []byte
	entries []shelved
}

// shelved is the value of one item.
type shelved struct {
	job, index int32
	at         int64 // in bytes
}

// texts are numbered texts.
type texts struct {
	numbers map[string]uint64
	list    []string
}

// What a value is, on a shelf.
const (
	shelfNull = iota
	shelfFalse
	shelfTrue
	shelfInt
	shelfFloat
	shelfText
	shelfList
	shelfObject
)

// put keeps a value.
func (s *shelf) put(at slot, v any) error {
	start := len(s.bytes)
	if err := s.write(v); err != nil {
		s.bytes = s.bytes[:start]
		return err
	}
	s.entries = append(s.entries, shelved{int32(at.job), int32(at.index), int64(start)})
	return nil
}

// drop forgets the values of some jobs.
func (s *shelf) drop(jobs map[int]bool) {
	s.entries = slices.DeleteFunc(s.entries, func(e shelved) bool { return jobs[int(e.job)] })
}

// get is the value of an entry, made anew.
func (s *shelf) get(e shelved) any {
	r := shelfReader{s.texts.list, s.bytes[e.at:]}
	return r.value()
}

func (s *shelf) write(v any) error {
	switch v := v.(type) {
	case nil:
		s.bytes = append(s.bytes, shelfNull)
	case bool:
		if v {
			s.bytes = append(s.bytes, shelfTrue)
		} else {
			s.bytes = append(s.bytes, shelfFalse)
		}
	case int:
		s.bytes = binary.AppendVarint(append(s.bytes, shelfInt), int64(v))
	case float64:
		s.bytes = binary.LittleEndian.AppendUint64(append(s.bytes, shelfFloat), math.Float64bits(v))
	case string:
		s.bytes = append(s.bytes, shelfText)
		s.text(v)
	case []any:
		s.bytes = binary.AppendUvarint(append(s.bytes, shelfList), uint64(len(v)))
		for _, e := range v {
			if err := s.write(e); err != nil {
				return err
			}
		}
	case map[string]any:
		s.bytes = binary.AppendUvarint(append(s.bytes, shelfObject), uint64(len(v)))
		for _, key := range sortedKeys(v) {
			s.text(key)
			if err := s.write(v[key]); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("keeping a value: there is no form for %T", v)
	}
	return nil
}

func (s *shelf) text(v string) {
	n, known := s.texts.numbers[v]
	if !known {
		n = uint64(len(s.texts.list))
		s.texts.numbers[v], s.texts.list = n, append(s.texts.list, v)
	}
	s.bytes = binary.AppendUvarint(s.bytes, n)
}

// shelfReader reads what write wrote.
type shelfReader struct {
	texts []string
	in    []byte
}

func (r *shelfReader) value() any {
	tag := r.in[0]
	r.in = r.in[1:]
	switch tag {
	case shelfFalse, shelfTrue:
		return tag == shelfTrue
	case shelfInt:
		n, size := binary.Varint(r.in)
		r.in = r.in[size:]
		return int(n)
	case shelfFloat:
		bits := binary.LittleEndian.Uint64(r.in)
		r.in = r.in[8:]
		return math.Float64frombits(bits)
	case shelfText:
		return r.texts[r.count()]
	case shelfList:
		out := make([]any, r.count())
		for i := range out {
			out[i] = r.value()
		}
		return out
	case shelfObject:
		n := r.count()
		out := make(map[string]any, n)
		for range n {
			key := r.texts[r.count()]
			out[key] = r.value()
		}
		return out
	}
	return nil
}

func (r *shelfReader) count() int {
	n, size := binary.Uvarint(r.in)
	r.in = r.in[size:]
	return int(n)
}
