// SPDX-License-Identifier: Apache-2.0

package stack_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sealock-dev/sealock/testdata/stack"
)

// isolated is the variable that makes this test binary run one command in a network of its own.
const isolated = "SEALOCK_TEST_ISOLATED"

// inNetwork is what TestIsolatedCommand is told to do.
type inNetwork struct {
	Host   string   // where the registry seems to be
	Socket string   // where it is: files can be reached from any network
	Dir    string   // of the command
	Env    []string // of the command
	Args   []string
}

// sockets is what the command did, by the counters of the network that it had for itself.
type sockets struct {
	Opened   int64 // connections that were begun, whether or not anybody answered
	Datagram int64 // such as questions to a name server
	Registry int64 // connections that reached the registry
	Code     int
	Output   string
}

// Verifying a chain of keyless stages opens connections to the registry and none to anybody else, though certificate authority, log, time stamp
// authority and issuer are named in the trusted root, and a proxy in the environment. The kernel counts, in a network where only this command is.
func TestKeylessVerificationAsksTheRegistryAlone(t *testing.T) {
	var enter []string
	for _, try := range [][]string{{"unshare", "-n"}, {"unshare", "-rn"}} {
		if exec.CommandContext(t.Context(), try[0], append(try[1:], "ip", "link", "set", "lo", "up")...).Run() == nil {
			enter = try
			break
		}
	}
	if enter == nil {
		t.Skip("a network of its own can't be made here: unshare -n, or ip link set lo up, is not allowed or missing")
	}
	c := newCI(t, stack.Memory)
	image := c.smallImage("six")
	dir := c.keylessPipeline("six", image, "", "")
	c.sixStages(dir, image)
	for i := range 6 {
		c.job(0, dir, c.gitHubJob(nil), c.sealock, "run", fmt.Sprintf("s%d", i+1))
	}
	in := inNetwork{Host: c.Host, Socket: c.behindSocket(), Dir: dir, Env: append(c.env, "HTTP_PROXY=http://127.0.0.1:1", "HTTPS_PROXY=http://127.0.0.1:1", "ALL_PROXY=http://127.0.0.1:1")}
	for name, args := range map[string][]string{
		"verify":      {c.sealock, "verify", image, "--env", "dev"},
		"explain":     {c.sealock, "explain", image, "--env", "dev"},
		"evidence ls": {c.sealock, "evidence", "ls", image},
	} {
		in.Args = args
		got := c.isolatedCommand(enter, in)
		if got.Code != 0 || got.Registry == 0 {
			t.Errorf("%s: exit code %d, %d connections to the registry\n%s", name, got.Code, got.Registry, got.Output)
		}
		if got.Opened != got.Registry || got.Datagram != 0 {
			t.Errorf("%s: %d connections and %d datagrams, %d of them to the registry", name, got.Opened, got.Datagram, got.Registry)
		}
	}
	// What is counted is counted: signing in the same network begins connections that go nowhere.
	in.Args, in.Env = []string{c.sealock, "run", "s6", "--force", "--timeout", "3s"}, append(in.Env, c.gitHubJob(nil)...)
	if got := c.isolatedCommand(enter, in); got.Code == 0 || got.Opened <= got.Registry {
		t.Errorf("signing: exit code %d, %d connections, %d of them to the registry\n%s", got.Code, got.Opened, got.Registry, got.Output)
	}
}

// sixStages makes a chain of six stages of a pipeline with one.
func (c *ci) sixStages(dir, image string) {
	c.Helper()
	var pipe, stages strings.Builder
	var names []string
	for i := range 6 {
		name, after := fmt.Sprintf("s%d", i+1), ""
		if i > 0 {
			after = fmt.Sprintf("after: [s%d], ", i)
		}
		fmt.Fprintf(&pipe, "  %s: {subjects: [%q]}\n", name, image)
		fmt.Fprintf(&stages, "  %s: {%ssignedBy: [job]}\n", name, after)
		names = append(names, name)
	}
	c.edit(filepath.Join(dir, "sealock.yaml"), "  build: {subjects: [\""+image+"\"]}\n", pipe.String())
	policy := filepath.Join(dir, "policy", "policy.yaml")
	c.edit(policy, "  build: {signedBy: [job]}\n", stages.String())
	c.edit(policy, "product: build", "product: s1")
	c.edit(policy, "stages: [build]", "stages: ["+strings.Join(names, ", ")+"]")
}

// behindSocket makes the registry reachable by a file.
func (c *ci) behindSocket() string {
	c.Helper()
	dir, err := os.MkdirTemp("", "registry-*") // the name of a socket must be short
	c.must(err)
	c.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	c.must(err)
	c.Cleanup(func() { _ = l.Close() })
	go forward(l, "tcp", c.Host, nil)
	return socket
}

// forward joins each connection that is accepted with one to a place.
func forward(l net.Listener, network, to string, accepted *atomic.Int64) {
	for {
		in, err := l.Accept()
		if err != nil {
			return
		}
		if accepted != nil {
			accepted.Add(1)
		}
		go func() {
			defer in.Close()
			out, err := net.Dial(network, to)
			if err != nil {
				return
			}
			defer out.Close()
			go func() { _, _ = io.Copy(out, in) }()
			_, _ = io.Copy(in, out)
		}()
	}
}

// isolatedCommand runs this test binary again, in a network of its own.
func (c *ci) isolatedCommand(enter []string, in inNetwork) sockets {
	c.Helper()
	order, err := json.Marshal(in)
	c.must(err)
	self, err := os.Executable()
	c.must(err)
	cmd := exec.CommandContext(c.Context(), enter[0], append(enter[1:], self, "-test.run=^TestIsolatedCommand$", "-test.count=1")...)
	cmd.Env = append(os.Environ(), isolated+"="+string(order))
	out, err := cmd.CombinedOutput()
	c.must(err)
	var got sockets
	for line := range bytes.Lines(out) {
		if result, ok := bytes.CutPrefix(line, []byte(isolated+" ")); ok {
			c.must(json.Unmarshal(result, &got))
			return got
		}
	}
	c.Fatalf("nothing was reported:\n%s", out)
	return got
}

// TestIsolatedCommand is no test by itself: it is how this binary runs a command in the network that it was started in.
func TestIsolatedCommand(t *testing.T) {
	order := os.Getenv(isolated)
	if order == "" {
		t.Skip("it is run by TestKeylessVerificationAsksTheRegistryAlone")
	}
	var in inNetwork
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(json.Unmarshal([]byte(order), &in))
	must(exec.CommandContext(t.Context(), "ip", "link", "set", "lo", "up").Run())
	l, err := net.Listen("tcp", in.Host)
	must(err)
	defer l.Close()
	var reached atomic.Int64
	go forward(l, "unix", in.Socket, &reached)
	before := kernelCounters(t)
	cmd := exec.CommandContext(t.Context(), in.Args[0], in.Args[1:]...)
	cmd.Dir, cmd.Env = in.Dir, in.Env
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	after := kernelCounters(t)
	result, err := json.Marshal(sockets{Opened: after["Tcp.ActiveOpens"] - before["Tcp.ActiveOpens"], Datagram: after["Udp.OutDatagrams"] - before["Udp.OutDatagrams"],
		Registry: reached.Load(), Code: cmd.ProcessState.ExitCode(), Output: string(out)})
	must(err)
	fmt.Printf("\n%s %s\n", isolated, result)
}

// kernelCounters reads those of this network: pairs of lines, with names and with values.
func kernelCounters(t *testing.T) map[string]int64 {
	t.Helper()
	f, err := os.Open("/proc/self/net/snmp")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	counters := map[string]int64{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		names := strings.Fields(lines.Text())
		if !lines.Scan() {
			break
		}
		for i, v := range strings.Fields(lines.Text()) {
			if n, err := strconv.ParseInt(v, 10, 64); err == nil && i > 0 && i < len(names) {
				counters[strings.TrimSuffix(names[0], ":")+"."+names[i]] = n
			}
		}
	}
	if _, ok := counters["Tcp.ActiveOpens"]; !ok {
		t.Fatal("the kernel does not say how many connections were begun")
	}
	return counters
}
