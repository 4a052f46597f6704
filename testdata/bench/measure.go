// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Step is one command of a job.
type Step struct {
	Args  []string
	Dir   string
	Env   []string // the whole environment
	Out   string   // file for standard output; "" drops it
	Codes []int    // exit codes that are fine beside 0
}

// Job is commands that run one after the other.
type Job []Step

// Use is what a job took.
type Use struct {
	Wall time.Duration
	CPU  time.Duration // user and system, of all its processes
	RSS  int64         // bytes: the most that one of its processes had resident
}

// measureCommand is the hidden command of this program that runs a job. A process of its own does so because on Linux a child's peak of
// resident memory starts at that of the process that started it.
const measureCommand = "measure"

// measure runs a job in a fresh process and says what it took. A step with an unexpected exit code is an error with what it wrote last.
func measure(ctx context.Context, job Job) (Use, error) {
	self, err := os.Executable()
	if err != nil {
		return Use{}, err
	}
	in, err := json.Marshal(job)
	if err != nil {
		return Use{}, err
	}
	cmd := exec.CommandContext(ctx, self, measureCommand)
	cmd.Stdin = bytes.NewReader(in)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return Use{}, fmt.Errorf("%w: %s", err, strings.TrimSpace(said.String()))
	}
	var u Use
	if err := json.Unmarshal(out.Bytes(), &u); err != nil {
		return Use{}, fmt.Errorf("reading what a measurement gave: %w", err)
	}
	return u, nil
}

// measureMain is the other side of measure.
func measureMain(in io.Reader, out io.Writer) error {
	var job Job
	if err := json.NewDecoder(in).Decode(&job); err != nil {
		return fmt.Errorf("reading a job: %w", err)
	}
	var sum Use
	for _, s := range job {
		u, err := s.run()
		if err != nil {
			return err
		}
		sum.Wall += u.Wall
		sum.CPU += u.CPU
		sum.RSS = max(sum.RSS, u.RSS)
	}
	return json.NewEncoder(out).Encode(sum)
}

func (s Step) run() (Use, error) {
	said, err := os.CreateTemp("", "stderr-*")
	if err != nil {
		return Use{}, err
	}
	defer os.Remove(said.Name())
	defer said.Close()
	cmd := exec.Command(s.Args[0], s.Args[1:]...)
	cmd.Dir, cmd.Env, cmd.Stderr = s.Dir, s.Env, said
	if s.Out != "" {
		out, err := os.Create(s.Out)
		if err != nil {
			return Use{}, err
		}
		defer out.Close()
		cmd.Stdout = out
	}
	start := time.Now()
	err = cmd.Run()
	wall := time.Since(start)
	if cmd.ProcessState == nil {
		return Use{}, fmt.Errorf("starting %s: %w", s.Args[0], err)
	}
	code := cmd.ProcessState.ExitCode()
	if code != 0 && !slices.Contains(s.Codes, code) {
		text, _ := os.ReadFile(said.Name())
		return Use{}, fmt.Errorf("%s: exit code %d: %s", strings.Join(s.Args, " "), code, lastBytes(text))
	}
	rusage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return Use{}, fmt.Errorf("this system does not say what %s took", s.Args[0])
	}
	return Use{wall, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), rusage.Maxrss << 10}, nil
}

// lastBytes is the end of what a program wrote.
func lastBytes(text []byte) string {
	const most = 2000
	return strings.TrimSpace(string(text[max(0, len(text)-most):]))
}
