package auth_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/statusbridge/statusbridge/example/internal/auth"
)

// clock is a clock that tests set.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

var (
	start         = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	administrator = auth.AccessKey{ID: "key-1", ClientID: "client-1", Owner: "administrator", Role: auth.Administrator}
	viewer        = auth.AccessKey{ID: "key-2", ClientID: "client-2", Owner: "viewer", Role: auth.Viewer}
)

func issue(t *testing.T, issuer *auth.Issuer, key auth.AccessKey) string {
	t.Helper()
	token, err := issuer.Issue(key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestTokenExpires(t *testing.T) {
	c := &clock{start}
	issuer := auth.NewIssuer(time.Minute, c.Now)
	token := issue(t, issuer, administrator)
	for age, want := range map[time.Duration]error{
		0:                         nil,
		time.Minute - time.Second: nil,
		time.Minute:               auth.ErrExpiredToken,
		24 * time.Hour:            auth.ErrExpiredToken,
	} {
		c.now = start.Add(age)
		id, err := issuer.Verify(token)
		if !errors.Is(err, want) {
			t.Errorf("after %v: got %v, want %v", age, err, want)
		}
		if want == nil && id != administrator.ID {
			t.Errorf("after %v: got a token of %q, want %q", age, id, administrator.ID)
		}
	}
}

func TestForgedTokens(t *testing.T) {
	c := &clock{start}
	issuer := auth.NewIssuer(time.Minute, c.Now)
	token := issue(t, issuer, viewer)
	parts := strings.Split(token, ".")
	encode := base64.RawURLEncoding.EncodeToString
	claims := encode([]byte(`{"sub":"key-1","exp":99999999999}`))
	for name, forged := range map[string]string{
		"empty":          "",
		"not a token":    "key-1",
		"other claims":   parts[0] + "." + claims + "." + parts[2],
		"no signature":   parts[0] + "." + parts[1] + ".",
		"no algorithm":   encode([]byte(`{"alg":"none"}`)) + "." + claims + ".",
		"another issuer": issue(t, auth.NewIssuer(time.Minute, c.Now), viewer),
		"text after it":  token + "x",
		"empty part":     parts[0] + ".." + parts[1] + "." + parts[2],
	} {
		if id, err := issuer.Verify(forged); !errors.Is(err, auth.ErrInvalidToken) {
			t.Errorf("%s: got %q, %v; want %v", name, id, err, auth.ErrInvalidToken)
		}
	}
}

// TestOfficialClientReadsToken decodes a token as the official Python client does, with the standard alphabet.
func TestOfficialClientReadsToken(t *testing.T) {
	issuer := auth.NewIssuer(time.Minute, func() time.Time { return start })
	payload, err := base64.RawStdEncoding.DecodeString(strings.Split(issue(t, issuer, viewer), ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Exp int64 `json:"exp"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	if want := start.Add(time.Minute).Unix(); claims.Exp != want {
		t.Errorf("exp: got %d, want %d", claims.Exp, want)
	}
}

func TestKeyring(t *testing.T) {
	keys := auth.NewKeyring()
	keys.Add(administrator, "secret-1")
	keys.Add(viewer, "secret-2")

	if got, err := keys.Authenticate("client-2", "secret-2"); err != nil || got != viewer {
		t.Errorf("got %+v, %v; want the viewer", got, err)
	}
	for _, wrong := range [][2]string{
		{"client-2", "secret-1"}, {"client-3", "secret-2"}, {"key-2", "secret-2"}, {"", ""},
	} {
		if _, err := keys.Authenticate(wrong[0], wrong[1]); !errors.Is(err, auth.ErrBadCredentials) {
			t.Errorf("%v: got %v, want %v", wrong, err, auth.ErrBadCredentials)
		}
	}
	if err := keys.Delete(viewer.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Authenticate("client-2", "secret-2"); !errors.Is(err, auth.ErrBadCredentials) {
		t.Errorf("a deleted key: got %v, want %v", err, auth.ErrBadCredentials)
	}
	if err := keys.Delete(viewer.ID); !errors.Is(err, auth.ErrUnknownKey) {
		t.Errorf("deleted twice: got %v, want %v", err, auth.ErrUnknownKey)
	}
	if _, err := keys.Key(administrator.ID); err != nil {
		t.Errorf("the other key: %v", err)
	}
}
