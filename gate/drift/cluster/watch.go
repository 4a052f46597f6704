// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/sealock-dev/sealock/gate/drift"
)

// Time between attempts to watch after one failed: doubled each time, up to the limit.
const (
	firstWait = time.Second
	maxWait   = time.Minute
)

// seen is what is kept of an object: enough to tell whether a change matters.
type seen struct {
	environment string
	images      []drift.Running
}

func (s seen) equal(o seen) bool {
	return s.environment == o.environment && slices.Equal(s.images, o.images)
}

// Watch calls changed whenever what List says may have changed, until the context ends. It may not block. Whenever a watch begins it is called as well,
// for pods and for namespaces, since nobody knows what happened before.
func (c *Cluster) Watch(ctx context.Context, changed func()) {
	var group sync.WaitGroup
	for _, kind := range []schema.GroupVersionResource{podKind, namespaceKind} {
		group.Go(func() { c.watchKind(ctx, kind, changed) })
	}
	group.Wait()
}

func (c *Cluster) watchKind(ctx context.Context, kind schema.GroupVersionResource, changed func()) {
	wait := firstWait
	for ctx.Err() == nil {
		began, err := c.follow(ctx, kind, changed)
		if began {
			wait = firstWait
		}
		if ctx.Err() != nil {
			return
		}
		if err != nil { // the server ends watches now and then, which is none
			c.opt.Warn("watching %s was interrupted, again in %s: %v", kind.Resource, wait, err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		if err != nil {
			wait = min(2*wait, maxWait)
		}
	}
}

// follow lists objects and watches them from there on, until the watch ends. It reports whether it came as far as watching.
func (c *Cluster) follow(ctx context.Context, kind schema.GroupVersionResource, changed func()) (bool, error) {
	known, version, err := c.state(ctx, kind)
	if err != nil {
		return false, err
	}
	changed()
	w, err := c.pods.Resource(kind).Watch(ctx, metav1.ListOptions{ResourceVersion: version, AllowWatchBookmarks: true})
	if err != nil {
		return false, fmt.Errorf("watching %s: %w", kind.Resource, err)
	}
	defer w.Stop()
	for event := range w.ResultChan() {
		u, isObject := event.Object.(*unstructured.Unstructured)
		switch {
		case event.Type == watch.Bookmark:
		case event.Type == watch.Error && apierrors.IsResourceExpired(apierrors.FromObject(event.Object)):
			return true, nil
		case event.Type == watch.Error:
			return true, apierrors.FromObject(event.Object)
		case !isObject:
			return true, errors.New("an event without an object")
		default:
			if err := c.apply(known, event.Type, u, changed); err != nil {
				return true, err
			}
		}
	}
	return true, nil
}

// apply notes one event, and tells if it matters.
func (c *Cluster) apply(known map[types.UID]seen, kind watch.EventType, u *unstructured.Unstructured, changed func()) error {
	now, err := c.reduce(u)
	if err != nil {
		return err
	}
	before := known[u.GetUID()]
	if kind == watch.Deleted {
		now = seen{}
		delete(known, u.GetUID())
	} else {
		known[u.GetUID()] = now
	}
	if !now.equal(before) {
		changed()
	}
	return nil
}

// state is what there is of a kind, and the version from which on to watch it.
func (c *Cluster) state(ctx context.Context, kind schema.GroupVersionResource) (map[types.UID]seen, string, error) {
	known, version := map[types.UID]seen{}, ""
	err := pages(ctx, kind.Resource, func(opt metav1.ListOptions) (metav1.ListMeta, int, error) {
		l, err := c.pods.Resource(kind).List(ctx, opt)
		if err != nil {
			return metav1.ListMeta{}, 0, err
		}
		for i := range l.Items {
			if known[l.Items[i].GetUID()], err = c.reduce(&l.Items[i]); err != nil {
				return metav1.ListMeta{}, 0, err
			}
		}
		version = l.GetResourceVersion()
		return metav1.ListMeta{Continue: l.GetContinue()}, len(l.Items), nil
	}, func() { clear(known) })
	return known, version, err
}

// reduce keeps of an object what matters, so that a large cluster needs little memory.
func (c *Cluster) reduce(u *unstructured.Unstructured) (seen, error) {
	if u.GetKind() == "Namespace" {
		return seen{environment: u.GetLabels()[c.opt.Label]}, nil
	}
	p, err := readPod(u)
	if err != nil {
		return seen{}, err
	}
	return seen{images: p.images()}, nil
}
