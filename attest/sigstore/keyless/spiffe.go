// SPDX-License-Identifier: Apache-2.0

package keyless

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// spiffe gets a JWT-SVID from the SPIFFE Workload API on a Unix socket: one gRPC call, FetchJWTSVID
// (https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE_Workload_API.md). The first identity is the default one, as the standard says.
func spiffe(ctx context.Context, socket, audience string) (string, error) {
	path, err := socketPath(socket)
	if err != nil {
		return "", err
	}
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	direct := &http.Transport{Protocols: &protocols, DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}}
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	token, err := fetchSVID(ctx, direct, audience)
	if err == nil {
		return token, nil
	}
	var problem *TokenError
	if errors.As(err, &problem) || errors.Is(err, context.Canceled) {
		return "", err
	}
	return "", &DownError{Service: "SPIFFE Workload API", URL: "unix://" + path, Tries: 1, Within: tryTimeout, Cause: err}
}

// socketPath reads unix:///path, unix:/path or /path.
func socketPath(socket string) (string, error) {
	path := socket
	if !strings.HasPrefix(socket, "/") {
		u, err := url.Parse(socket)
		if err != nil || u.Scheme != "unix" || u.Host != "" || !strings.HasPrefix(u.Path, "/") {
			return "", &TokenError{Problem: varSPIFFE + ": expected unix:///path/to/socket"}
		}
		path = u.Path
	}
	return path, nil
}

func fetchSVID(ctx context.Context, direct http.RoundTripper, audience string) (string, error) {
	message := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), audience)
	frame := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))) //nolint:gosec // some ten bytes
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/SpiffeWorkloadAPI/FetchJWTSVID", bytes.NewReader(append(frame, message...)))
	if err != nil {
		return "", err
	}
	req.Header = http.Header{"Content-Type": {"application/grpc"}, "Te": {"trailers"}, "Workload.spiffe.io": {"true"}, "User-Agent": {userAgent}}
	resp, err := direct.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return "", err
	}
	status, said := resp.Trailer.Get("Grpc-Status"), resp.Trailer.Get("Grpc-Message")
	if status == "" {
		status, said = resp.Header.Get("Grpc-Status"), resp.Header.Get("Grpc-Message")
	}
	switch {
	case resp.StatusCode != http.StatusOK:
		return "", fmt.Errorf("status %d", resp.StatusCode)
	case status == "14": // unavailable
		return "", errors.New("it is not available now: " + quote(said))
	case status != "0":
		return "", &TokenError{Problem: fmt.Sprintf("the SPIFFE Workload API refused with gRPC status %q: %s", quote(status), quote(said)), Hint: "register this workload with the SPIFFE server"}
	}
	return readSVID(body)
}

// readSVID takes the token out of a framed JWTSVIDResponse: field 1 is a list of JWTSVID, whose field 2 is the token.
func readSVID(body []byte) (string, error) {
	malformed := &TokenError{Problem: "the answer of the SPIFFE Workload API is malformed"}
	if len(body) < 5 || body[0] != 0 || uint64(binary.BigEndian.Uint32(body[1:5])) != uint64(len(body)-5) {
		return "", malformed
	}
	svid, ok := first(body[5:], 1)
	if !ok {
		return "", malformed
	}
	token, ok := first(svid, 2)
	if !ok {
		return "", malformed
	}
	return string(token), nil
}

// first is the first field of a number that holds bytes.
func first(message []byte, number protowire.Number) ([]byte, bool) {
	for len(message) > 0 {
		n, kind, size := protowire.ConsumeTag(message)
		if size < 0 {
			return nil, false
		}
		message = message[size:]
		if n == number && kind == protowire.BytesType {
			value, size := protowire.ConsumeBytes(message)
			return value, size >= 0
		}
		if size = protowire.ConsumeFieldValue(n, kind, message); size < 0 {
			return nil, false
		}
		message = message[size:]
	}
	return nil, false
}
