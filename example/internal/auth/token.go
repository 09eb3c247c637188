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

// Issuer makes tokens and reads them again. A token is a JSON Web Token (RFC 7519), because the official client
// reads the claim exp of what it is given and refuses anything else. Only HS256 is ever accepted, whatever the
// header of a token says.
type Issuer struct {
	secret   [32]byte
	lifetime time.Duration
	now      func() time.Time
}

// NewIssuer returns an issuer whose tokens last for lifetime, by the clock now. It signs with a secret of its
// own, so no token outlives the process.
func NewIssuer(lifetime time.Duration, now func() time.Time) *Issuer {
	i := &Issuer{lifetime: lifetime, now: now}
	rand.Read(i.secret[:]) // never fails, says crypto/rand
	return i
}

// Lifetime returns how long a token lasts.
func (i *Issuer) Lifetime() time.Duration { return i.lifetime }

// tokenHeader is {"alg":"HS256","typ":"JWT"}.
const tokenHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"

// claims holds ids and numbers only. The official client decodes them as plain base64 and not as the URL-safe
// kind that RFC 7515 asks for; the two are the same as long as no "?", ">" or "~" and nothing outside ASCII
// is in here.
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

// Verify returns the id of the access key that a token was issued for.
func (i *Issuer) Verify(token string) (string, error) {
	end := strings.LastIndexByte(token, '.')
	if end < 0 || !hmac.Equal([]byte(i.sign(token[:end])), []byte(token[end+1:])) {
		return "", ErrInvalidToken
	}
	// The signature is ours, so the rest is as Issue made it.
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
