// SPDX-License-Identifier: Apache-2.0

package kms

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
)

// awsCredential is an access key, with a session token if it is temporary.
type awsCredential struct{ id, secret, session string }

// openAWS uses AWS KMS (https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html).
func openAWS(ctx context.Context, ref string, opt Options) (sigstore.RemoteKey, error) {
	endpoint, key, ok := strings.Cut(ref, "/")
	if !ok || key == "" {
		return nil, errors.New("expected awskms:///ID, awskms:///alias/NAME or awskms:///ARN")
	}
	region := opt.Getenv("AWS_REGION")
	if region == "" {
		region = opt.Getenv("AWS_DEFAULT_REGION")
	}
	if arn := strings.Split(key, ":"); len(arn) == 6 && arn[0] == "arn" && arn[2] == "kms" {
		region = arn[3]
	}
	if region == "" {
		return nil, errors.New("its region is not known: set AWS_REGION, or name the key by its ARN")
	}
	target := "https://kms." + region + ".amazonaws.com/"
	if strings.HasPrefix(region, "cn-") {
		target = "https://kms." + region + ".amazonaws.com.cn/"
	}
	if endpoint != "" {
		target = "https://" + endpoint + "/"
		if h, _, _ := strings.Cut(endpoint, ":"); h == "localhost" || h == "127.0.0.1" {
			target = "http://" + endpoint + "/"
		}
	}
	s := service{"AWS KMS", opt}
	call := func(ctx context.Context, action string, in, out any) error {
		c, err := s.awsCredentials(ctx, region)
		if err != nil {
			return err
		}
		body, err := json.Marshal(in)
		if err != nil {
			return err
		}
		header := http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"TrentService." + action}}
		if err := c.authorize(header, http.MethodPost, target, body, region, "kms", opt.Now()); err != nil {
			return err
		}
		return s.exchange(ctx, http.MethodPost, target, header, body, out, c.secret, c.session)
	}
	var found struct {
		Public []byte `json:"PublicKey"`
	}
	if err := call(ctx, "GetPublicKey", map[string]string{"KeyId": key}, &found); err != nil {
		return nil, err
	}
	pub, err := parsePublic(found.Public)
	if err != nil {
		return nil, err
	}
	return remote{pub, func(ctx context.Context, digest []byte) ([]byte, error) {
		var out struct {
			Signature []byte `json:"Signature"`
		}
		err := call(ctx, "Sign", map[string]any{"KeyId": key, "Message": digest, "MessageType": "DIGEST", "SigningAlgorithm": byHash(digest, "ECDSA_SHA_256", "ECDSA_SHA_384")}, &out)
		return out.Signature, err
	}}, nil
}

// authorize signs a request (Signature Version 4, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
func (c awsCredential) authorize(header http.Header, method, target string, body []byte, region, service string, now time.Time) error {
	u, err := url.Parse(target)
	if err != nil {
		return err
	}
	stamp := now.UTC().Format("20060102T150405Z")
	header.Set("X-Amz-Date", stamp)
	if c.session != "" {
		header.Set("X-Amz-Security-Token", c.session)
	}
	values := map[string]string{"host": u.Host}
	for name := range header {
		values[strings.ToLower(name)] = strings.TrimSpace(header.Get(name))
	}
	var names []string
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	var canonical strings.Builder
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	fmt.Fprintf(&canonical, "%s\n%s\n%s\n", method, path, strings.ReplaceAll(u.Query().Encode(), "+", "%20"))
	for _, name := range names {
		fmt.Fprintf(&canonical, "%s:%s\n", name, values[name])
	}
	sum := sha256.Sum256(body)
	signed := strings.Join(names, ";")
	fmt.Fprintf(&canonical, "\n%s\n%s", signed, hex.EncodeToString(sum[:]))
	scope := strings.Join([]string{stamp[:8], region, service, "aws4_request"}, "/")
	sum = sha256.Sum256([]byte(canonical.String()))
	key := []byte("AWS4" + c.secret)
	for _, part := range []string{stamp[:8], region, service, "aws4_request"} {
		key = mac(key, part)
	}
	signature := hex.EncodeToString(mac(key, "AWS4-HMAC-SHA256\n"+stamp+"\n"+scope+"\n"+hex.EncodeToString(sum[:])))
	header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s", c.id, scope, signed, signature))
	return nil
}

func mac(key []byte, message string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(message))
	return h.Sum(nil)
}

// awsCredentials looks where AWS's own tools look first in CI: the variables, a web identity, the shared file, the container, the machine.
func (s service) awsCredentials(ctx context.Context, region string) (awsCredential, error) {
	if c := (awsCredential{s.Getenv("AWS_ACCESS_KEY_ID"), s.Getenv("AWS_SECRET_ACCESS_KEY"), s.Getenv("AWS_SESSION_TOKEN")}); c.id != "" && c.secret != "" {
		return c, nil
	}
	if role, file := s.Getenv("AWS_ROLE_ARN"), s.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE"); role != "" && file != "" {
		return s.awsWebIdentity(ctx, region, role, file)
	}
	if c, ok := s.awsFile(); ok {
		return c, nil
	}
	if c, ok := s.awsContainer(ctx); ok {
		return c, nil
	}
	if c, ok := s.awsMachine(ctx); ok {
		return c, nil
	}
	return awsCredential{}, errors.New("no AWS credential found\nhint: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE")
}

// awsWebIdentity exchanges an OIDC token for a credential. The request needs no signature.
func (s service) awsWebIdentity(ctx context.Context, region, role, file string) (awsCredential, error) {
	token, err := readFile(file)
	if err != nil {
		return awsCredential{}, fmt.Errorf("reading AWS_WEB_IDENTITY_TOKEN_FILE: %w", err)
	}
	target := s.Getenv("AWS_ENDPOINT_URL_STS")
	if target == "" {
		target = "https://sts." + region + ".amazonaws.com/"
	}
	secret := strings.TrimSpace(string(token))
	form := url.Values{"Action": {"AssumeRoleWithWebIdentity"}, "Version": {"2011-06-15"}, "RoleArn": {role}, "RoleSessionName": {"sealock"}, "WebIdentityToken": {secret}}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}
	var out struct {
		Response struct {
			Result struct {
				Credentials struct {
					ID      string `json:"AccessKeyId"`
					Secret  string `json:"SecretAccessKey"`
					Session string `json:"SessionToken"`
				} `json:"Credentials"`
			} `json:"AssumeRoleWithWebIdentityResult"`
		} `json:"AssumeRoleWithWebIdentityResponse"`
	}
	if err := (service{"AWS STS", s.Options}).exchange(ctx, http.MethodPost, target, header, []byte(form.Encode()), &out, secret); err != nil {
		return awsCredential{}, err
	}
	c := out.Response.Result.Credentials
	return awsCredential{c.ID, c.Secret, c.Session}, nil
}

// awsFile reads the profile in ~/.aws/credentials.
func (s service) awsFile() (awsCredential, bool) {
	name, profile := s.Getenv("AWS_SHARED_CREDENTIALS_FILE"), s.Getenv("AWS_PROFILE")
	if name == "" {
		name = filepath.Join(s.Getenv("HOME"), ".aws", "credentials")
	}
	if profile == "" {
		profile = "default"
	}
	data, err := readFile(name)
	if err != nil {
		return awsCredential{}, false
	}
	values, in := map[string]string{}, false
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if section, ok := strings.CutPrefix(line, "["); ok {
			in = strings.TrimSpace(strings.TrimSuffix(section, "]")) == profile
			continue
		}
		if k, v, ok := strings.Cut(line, "="); ok && in {
			values[strings.TrimSpace(k)] = strings.TrimSpace(v)
		}
	}
	c := awsCredential{values["aws_access_key_id"], values["aws_secret_access_key"], values["aws_session_token"]}
	return c, c.id != "" && c.secret != ""
}

type awsAnswer struct {
	ID      string `json:"AccessKeyId"`
	Secret  string `json:"SecretAccessKey"`
	Session string `json:"Token"`
}

// awsContainer asks the agent beside a container (ECS, EKS pod identity).
func (s service) awsContainer(ctx context.Context) (awsCredential, bool) {
	target, header := s.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI"), http.Header{}
	if rel := s.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); rel != "" {
		target = "http://169.254.170.2" + rel
	}
	if target == "" {
		return awsCredential{}, false
	}
	if token := s.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN"); token != "" {
		header.Set("Authorization", token)
	} else if file := s.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); file != "" {
		if data, err := os.ReadFile(file); err == nil && len(data) <= keyless.MaxToken {
			header.Set("Authorization", strings.TrimSpace(string(data)))
		}
	}
	return s.awsAsk(ctx, target, header)
}

// awsMachine asks the metadata service of EC2, version 2.
func (s service) awsMachine(ctx context.Context) (awsCredential, bool) {
	if s.Getenv("AWS_EC2_METADATA_DISABLED") == "true" {
		return awsCredential{}, false
	}
	base := s.Getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT")
	if base == "" {
		base = "http://169.254.169.254"
	}
	base = strings.TrimSuffix(base, "/") + "/latest/"
	token, err := s.metadata(ctx, http.MethodPut, base+"api/token", http.Header{"X-Aws-Ec2-Metadata-Token-Ttl-Seconds": {"300"}})
	if err != nil {
		return awsCredential{}, false
	}
	header := http.Header{"X-Aws-Ec2-Metadata-Token": {string(token)}}
	roles, err := s.metadata(ctx, http.MethodGet, base+"meta-data/iam/security-credentials/", header)
	role, _, _ := strings.Cut(string(roles), "\n")
	if err != nil || role == "" {
		return awsCredential{}, false
	}
	return s.awsAsk(ctx, base+"meta-data/iam/security-credentials/"+url.PathEscape(role), header)
}

func (s service) awsAsk(ctx context.Context, target string, header http.Header) (awsCredential, bool) {
	data, err := s.metadata(ctx, http.MethodGet, target, header)
	var a awsAnswer
	if err != nil || attest.DecodeJSON(data, &a) != nil {
		return awsCredential{}, false
	}
	return awsCredential{a.ID, a.Secret, a.Session}, a.ID != "" && a.Secret != ""
}
