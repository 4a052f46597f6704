// SPDX-License-Identifier: Apache-2.0

// Package browser opens pages that sealock wrote in a real Chromium, driven through its own protocol.
//
// Use: bash .ci/browser, which writes the pages, builds the program and runs the tests here.
//
// Limits: it starts Chromium without its sandbox, since the pages are local files that these tests made; the browser has a profile of its own in a
// temporary folder and ends with the test.
package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"
)

// patience bounds one test: a cold browser on a busy machine takes its time.
const patience = 2 * time.Minute

// find names the browser, "" if there is none.
func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// tab is an open tab that keeps what a clean page never does.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string // errors, messages of the console, dialogs
	requests []string // beside the page itself
}

// start opens a browser for one test.
func start(t *testing.T) *tab {
	t.Helper()
	path := find()
	if path == "" {
		t.Skip("there is no chromium here")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile(t)),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.WSURLReadTimeout(patience))
	bounded, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	allocated, end := chromedp.NewExecAllocator(bounded, options...)
	t.Cleanup(end)
	ctx, closeTab := chromedp.NewContext(allocated)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits for the browser: its folder is removed next
		closeTab()
	})
	b := &tab{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, b.listen)
	b.do(network.Enable(), security.Enable(), runtime.Enable())
	return b
}

// profile is a folder for a browser. Its last processes may still write when the browser is gone, so removing it is tried for a while.
func profile(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sealock-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 50 {
			if err = os.RemoveAll(dir); err == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Errorf("removing the browser's profile: %v", err)
	})
	return dir
}

func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	note := func(format string, args ...any) { b.problems = append(b.problems, fmt.Sprintf(format, args...)) }
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		note("exception: %s", e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		note("console.%s", e.Type)
	case *page.EventJavascriptDialogOpening:
		note("dialog: %s", e.Message)
		go func() { _ = chromedp.Run(b.ctx, page.HandleJavaScriptDialog(false)) }()
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "file://") || e.Type != network.ResourceTypeDocument {
			b.requests = append(b.requests, e.Request.URL)
		}
	}
}

// do runs actions; the test ends where one fails.
func (b *tab) do(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// open loads a page and waits until its script has run.
func (b *tab) open(file string) {
	b.t.Helper()
	b.do(chromedp.Navigate("file://"+file), chromedp.WaitReady("html[data-ready]", chromedp.ByQuery))
}

// eval gives the value of an expression.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	var out T
	b.do(chromedp.Evaluate(expression, &out))
	return out
}

// told is a node of the accessibility tree. The library's own type knows fewer properties than browsers have.
type told struct {
	Ignored bool     `json:"ignored"`
	Role    property `json:"role"`
	Name    property `json:"name"`
}

type property struct {
	Value string `json:"value"`
}

// tree is the accessibility tree: what a screen reader is told.
func (b *tab) tree() []told {
	b.t.Helper()
	var answer struct {
		Nodes []told `json:"nodes"`
	}
	b.do(chromedp.ActionFunc(func(ctx context.Context) error { return cdp.Execute(ctx, "Accessibility.getFullAXTree", nil, &answer) }))
	return answer.Nodes
}

// clean fails the test if the page did anything but show itself.
func (b *tab) clean() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		b.t.Errorf("the page caused: %.300s", p)
	}
	for _, r := range b.requests {
		b.t.Errorf("the page asked for %.200s", r)
	}
}
