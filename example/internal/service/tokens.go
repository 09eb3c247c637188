package service

import (
	"cmp"
	"context"
	"net/http"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
	"github.com/statusbridge/statusbridge/example/internal/auth"
	"github.com/statusbridge/statusbridge/mapping"
)

// Tokens implements TokensService.
type Tokens struct {
	controlplanev1.UnimplementedTokensServiceServer

	Keys   *auth.Keyring
	Issuer *auth.Issuer
}

// The grants of the published API.
const (
	grantClientCredentials = "client_credentials"
	grantAppToken          = "app_token"
)

var otherGrants = set("refresh_token", "exchange_token", "password", "external_token_exchange")

// GrantToken exchanges the secret of an access key for a token. A wrong secret is a 401, which the documentation of the
// statuses requires for a failed authentication.
func (s *Tokens) GrantToken(
	_ context.Context, request *controlplanev1.GrantTokenRequest,
) (*controlplanev1.GrantTokenResponse, error) {
	var wrong violations
	var id, secret, idField, secretField string
	switch grant := cmp.Or(request.GetGrantType(), grantClientCredentials); {
	case grant == grantClientCredentials:
		id, idField = cmp.Or(request.GetClientId(), request.GetClientIdBySchema()), "clientId"
		secret, secretField = request.GetClientSecret(), "clientSecret"
	case grant == grantAppToken:
		id, idField = cmp.Or(request.GetAppIdBySchema(), request.GetAppIdByClient()), "appID"
		secret, secretField = cmp.Or(request.GetAppSecret(), request.GetAppSecretByClient()), "appSecret"
	case otherGrants[grant]:
		return nil, unsupported("grantType " + grant)
	default:
		wrong.add("grantType", "is not a grant type")
		return nil, wrong.err()
	}
	if id == "" {
		wrong.add(idField, "is required")
	}
	if secret == "" {
		wrong.add(secretField, "is required")
	}
	if err := wrong.err(); err != nil {
		return nil, err
	}
	key, err := s.Keys.Authenticate(id, secret)
	if err != nil {
		return nil, mapping.Errorf(http.StatusUnauthorized, "the client id or the secret is wrong: %w", err)
	}
	token, err := s.Issuer.Issue(key)
	if err != nil {
		return nil, err
	}
	return &controlplanev1.GrantTokenResponse{
		AccessToken: token,
		ExpiresIn:   int32(s.Issuer.Lifetime().Seconds()),
	}, nil
}
