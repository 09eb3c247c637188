package contracttest_test

import (
	"testing"

	"github.com/statusbridge/statusbridge/contracttest"
)

// TestChallenges takes values from RFC 9110 section 11.6.1 and RFC 6750 section 3.
func TestChallenges(t *testing.T) {
	for value, want := range map[string]bool{
		"Bearer":               true,
		`Bearer realm="a, b"`:  true,
		"Negotiate YIIJvwYG==": true,
		`Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\""`: true,
		`Bearer realm="example", error="invalid_token"`:                                 true,
		"Bearer, Basic realm=\"a\"":                                                     true,
		", Bearer ,":                                                                    true,
		"Basic  realm = \"a\"":                                                          true,
		`Basic realm="a\\", type=1`:                                                     true,
		`Basic realm="a\", b"`:                                                          true,
		"Negotiate a":                                                                   true,
		"Negotiate =":                                                                   false,
		"Basic realm=a b":                                                               false,
		`Basic realm="a" "b"`:                                                           false,
		`Basic realm="a"b`:                                                              false,
		`Basic realm="a\"`:                                                              false,
		`Basic "realm"="a"`:                                                             false,
		`Bearer, realm="a", "b"`:                                                        false,
		`realm="x", Bearer`:                                                             false,
		",":                                                                             false,
		"/Bearer":                                                                       false,
		"":                                                                              false,
		"the token has expired":                                                         false,
		`realm="x"`:                                                                     false,
		`Bearer realm="x`:                                                               false,
		"a project named \"x\" is missing":                                              false,
	} {
		if got := contracttest.IsChallenge(value); got != want {
			t.Errorf("%q: got %v, want %v", value, got, want)
		}
	}
}
