package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// The reasons why a token is refused.
var (
	ErrInvalidToken = errors.New("auth: invalid token")
	ErrExpiredToken = errors.New("auth: expired token")
)

// Issuer issues and verifies tokens. A token is a JSON Web Token (RFC 7519), because the official client reads its exp
// claim. Verify accepts only HS256 and ignores the algorithm in the header of a token.
type Issuer struct {
	secret   [32]byte
	lifetime time.Duration
	now      func() time.Time
}

// NewIssuer returns an issuer whose tokens expire after lifetime by the clock now. It signs with a random secret, so
// tokens are valid only in this process.
func NewIssuer(lifetime time.Duration, now func() time.Time) *Issuer {
	i := &Issuer{lifetime: lifetime, now: now}
	rand.Read(i.secret[:]) // never returns an error
	return i
}

// Lifetime returns the time after which a token expires.
func (i *Issuer) Lifetime() time.Duration { return i.lifetime }

// tokenHeader is {"alg":"HS256","typ":"JWT"}.
const tokenHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"

// claims contains ids and numbers only. RFC 7515 requires URL-safe base64, but the official client decodes standard
// base64. The two are equal for ASCII text without "?", ">" and "~".
type claims struct {
	Subject   string `json:"sub"`
	IssuedAt  int64  `json:"iat"`
	ExpiresAt int64  `json:"exp"`
}

// Issue returns a token for an access key.
func (i *Issuer) Issue(key AccessKey) (string, error) {
	now := i.now()
	payload, err := json.Marshal(claims{
		Subject:   key.ID,
		IssuedAt:  now.Unix(),
		ExpiresAt: now.Add(i.lifetime).Unix(),
	})
	if err != nil {
		return "", err
	}
	signed := tokenHeader + "." + base64.RawURLEncoding.EncodeToString(payload)
	return signed + "." + i.sign(signed), nil
}

// Verify returns the id of the access key of a token.
func (i *Issuer) Verify(token string) (string, error) {
	end := strings.LastIndexByte(token, '.')
	if end < 0 || !hmac.Equal([]byte(i.sign(token[:end])), []byte(token[end+1:])) {
		return "", ErrInvalidToken
	}
	// The signature is valid, so Issue made the rest.
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token[:end], tokenHeader+"."))
	if err != nil {
		return "", ErrInvalidToken
	}
	var c claims
	if err := json.Unmarshal(payload, &c); err != nil {
		return "", ErrInvalidToken
	}
	if i.now().Unix() >= c.ExpiresAt {
		return "", ErrExpiredToken
	}
	return c.Subject, nil
}

func (i *Issuer) sign(signed string) string {
	mac := hmac.New(sha256.New, i.secret[:])
	mac.Write([]byte(signed))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
