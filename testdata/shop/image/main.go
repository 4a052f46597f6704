// SPDX-License-Identifier: Apache-2.0

// Command image builds the three services and writes them as an OCI image layout, without Docker and without a registry:
// out/shop holds one image index, the release, with one image for each service.
//
// The same sources and the same Go toolchain give the same bytes: times are fixed (SOURCE_DATE_EPOCH, else 1970), files are in
// order, and nothing of the machine is in the binaries. Run it in the module's root: go run ./image
//
// The files of each image also lie in out/rootfs/SERVICE, from where the Dockerfiles take them.
//
// With -pin DIR the digests of the images are also written into the Kubernetes manifests of that folder.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"time"
)

// services are built in this order; it is the order in the index.
var services = [...]string{"auth", "catalog", "payments"}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv("SOURCE_DATE_EPOCH")); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, epoch string) error {
	f := flag.NewFlagSet("image", flag.ContinueOnError)
	out := f.String("out", "out", "folder for the results: the layout OUT/shop, and OUT/bin and OUT/rootfs")
	pin := f.String("pin", "", "folder of Kubernetes manifests to write the images' digests into")
	if err := f.Parse(args); err != nil {
		return err
	}
	created, err := parseEpoch(epoch)
	if err != nil {
		return err
	}
	if _, err := os.Stat("go.mod"); err != nil {
		return errors.New("there is no go.mod here: run it in the root of the shop's module")
	}
	bin := filepath.Join(*out, "bin")
	if err := compile(ctx, bin); err != nil {
		return err
	}
	var images []image
	for _, name := range services {
		files, err := content(name, bin, "web")
		if err != nil {
			return err
		}
		images = append(images, image{Name: name, Files: files})
	}
	if err := writeRoots(filepath.Join(*out, "rootfs"), images); err != nil {
		return err
	}
	release, err := writeLayout(filepath.Join(*out, "shop"), created, images)
	if err != nil {
		return err
	}
	fmt.Println("shop", release.Digest)
	for i, name := range services {
		fmt.Println(name, release.Images[i])
	}
	if *pin == "" {
		return nil
	}
	return pinImages(*pin, release.Images)
}

// parseEpoch reads SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/).
func parseEpoch(s string) (time.Time, error) {
	if s == "" {
		return time.Unix(0, 0).UTC(), nil
	}
	sec, err := strconv.ParseInt(s, 10, 64)
	if err != nil || sec < 0 {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH is %q, expected seconds since 1970", s)
	}
	return time.Unix(sec, 0).UTC(), nil
}
