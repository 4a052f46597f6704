// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
)

// criNamespace is where containerd keeps what a kubelet had pulled.
const criNamespace = "k8s.io"

// maxGRPC bounds one answer of containerd, in bytes.
const maxGRPC = 1 << 20

// StartNode starts a containerd as a node of Kubernetes has it: with the CRI plugin, which pulls through the transfer service and so past the image
// verifiers. No pod runs in it. See StartContainerd.
func StartNode(ctx context.Context, dir string, log io.Writer) (*Containerd, error) {
	hosts := filepath.Join(dir, "hosts") // none is needed for registries on loopback
	return startContainerd(ctx, dir, "containerd-cri", fmt.Sprintf("[plugins.\"io.containerd.cri.v1.images\"]\nuse_local_image_pull = false\nsnapshotter = \"native\"\n"+
		"[plugins.\"io.containerd.cri.v1.images\".registry]\nconfig_path = %q\n[[plugins.\"io.containerd.transfer.v1.local\".unpack_config]]\nplatform = \"linux/amd64\"\nsnapshotter = \"native\"\n", hosts), log)
}

// PullImage asks the CRI image service for an image, as a kubelet does, and gives the reference under which it is there. What the service says against it is
// the error.
func (c *Containerd) PullImage(ctx context.Context, ref string) (string, error) {
	spec := field(nil, ref)             // ImageSpec.image
	request := field(nil, string(spec)) // PullImageRequest.image
	answer, err := c.call(ctx, "/runtime.v1.ImageService/PullImage", request)
	if err != nil {
		return "", err
	}
	if len(answer) < 2 || answer[0] != fieldOne { // PullImageResponse.image_ref
		return "", fmt.Errorf("pulling %s: an answer of %d bytes that names no image", ref, len(answer))
	}
	n, size := binary.Uvarint(answer[1:])
	if size <= 0 || uint64(len(answer)-1-size) < n {
		return "", fmt.Errorf("pulling %s: an answer that ends too early", ref)
	}
	return string(answer[1+size : 1+size+int(n)]), nil
}

// fieldOne is the tag of field 1 with a length, as protocol buffers write it.
const fieldOne = 1<<3 | 2

// field appends text as field 1 of a message.
func field(b []byte, text string) []byte {
	return append(binary.AppendUvarint(append(b, fieldOne), uint64(len(text))), text...)
}

// call is one call over gRPC with one message each way (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
func (c *Containerd) call(ctx context.Context, method string, message []byte) ([]byte, error) {
	t := &http.Transport{Protocols: &http.Protocols{}, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", c.socket)
	}}
	t.Protocols.SetUnencryptedHTTP2(true)
	defer t.CloseIdleConnections()
	frame := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://containerd"+method, bytes.NewReader(frame))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/grpc")
	req.Header.Set("TE", "trailers")
	res, err := t.RoundTrip(req)
	if err != nil {
		return nil, fmt.Errorf("calling %s: %w", method, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxGRPC))
	if err != nil {
		return nil, fmt.Errorf("calling %s: %w", method, err)
	}
	said := res.Trailer
	if said.Get("Grpc-Status") == "" { // an answer without a message has them in front
		said = res.Header
	}
	if code := said.Get("Grpc-Status"); code != "0" {
		text, err := url.PathUnescape(said.Get("Grpc-Message"))
		if err != nil {
			text = said.Get("Grpc-Message")
		}
		return nil, fmt.Errorf("calling %s: code %s: %s", method, code, text)
	}
	if len(body) < 5 {
		return nil, fmt.Errorf("calling %s: an answer of %d bytes", method, len(body))
	}
	return body[5:], nil
}

// Images are the names under which a kubelet's images are there.
func (c *Containerd) Images(ctx context.Context) (string, error) {
	out, err := c.Command(ctx, "-n", criNamespace, "image", "ls", "-q").Output()
	return string(out), err
}
