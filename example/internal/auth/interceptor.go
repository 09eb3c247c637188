package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
	"github.com/statusbridge/statusbridge/mapping"
)

// public lists the methods that work without a token.
var public = map[string]bool{
	controlplanev1.TokensService_GrantToken_FullMethodName: true,
}

// viewing lists the methods that every role may call. All other methods are for administrators, so a forgotten entry
// is safe.
var viewing = map[string]bool{
	controlplanev1.ProjectsService_ListProjects_FullMethodName:   true,
	controlplanev1.ProjectsService_GetProject_FullMethodName:     true,
	controlplanev1.WorkspacesService_GetWorkspace_FullMethodName: true,
	controlplanev1.WorkloadsService_ListWorkloads_FullMethodName: true,
}

// Guard checks the token of each call.
type Guard struct {
	issuer *Issuer
	keys   *Keyring
}

// NewGuard returns a guard for tokens of issuer and the access keys in keys.
func NewGuard(issuer *Issuer, keys *Keyring) *Guard {
	return &Guard{issuer: issuer, keys: keys}
}

// ServerOptions returns the interceptors of a gRPC server that check each call.
func (g *Guard) ServerOptions() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(
			func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
				ctx, err := g.admit(ctx, info.FullMethod)
				if err != nil {
					return nil, err
				}
				return handler(ctx, req)
			}),
		grpc.ChainStreamInterceptor(
			func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
				ctx, err := g.admit(stream.Context(), info.FullMethod)
				if err != nil {
					return err
				}
				return handler(srv, &admittedStream{ServerStream: stream, ctx: ctx})
			}),
	}
}

type admittedStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s *admittedStream) Context() context.Context { return s.ctx }

type callerKey struct{}

// Caller returns the access key of a call. It is zero in a public method.
func Caller(ctx context.Context) AccessKey {
	key, _ := ctx.Value(callerKey{}).(AccessKey)
	return key
}

// admit returns the context for the handler, or an error if the caller may not call the method.
func (g *Guard) admit(ctx context.Context, method string) (context.Context, error) {
	if public[method] {
		return ctx, nil
	}
	key, err := g.identify(ctx)
	if err != nil {
		return nil, err
	}
	if key.Role < Administrator && !viewing[method] {
		return nil, mapping.Errorf(http.StatusForbidden, "%s may only view", key.Owner)
	}
	return context.WithValue(ctx, callerKey{}, key), nil
}

// identify returns the access key of a call. Every failure is a 401. Only an expired token has its own message, because
// the client can request a new one.
func (g *Guard) identify(ctx context.Context) (AccessKey, error) {
	header := metadata.ValueFromIncomingContext(ctx, "authorization")
	if len(header) == 0 {
		return AccessKey{}, mapping.Errorf(http.StatusUnauthorized, "a bearer token is required")
	}
	// RFC 9110 section 11.1: the scheme is case-insensitive.
	scheme, token, _ := strings.Cut(header[0], " ")
	if len(header) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return AccessKey{}, mapping.Errorf(http.StatusUnauthorized,
			"the Authorization header must contain one bearer token")
	}
	id, err := g.issuer.Verify(strings.TrimSpace(token))
	if errors.Is(err, ErrExpiredToken) {
		return AccessKey{}, mapping.Errorf(http.StatusUnauthorized, "the bearer token has expired: %w", err)
	}
	if err != nil {
		return AccessKey{}, mapping.Errorf(http.StatusUnauthorized, "the bearer token is not valid: %w", err)
	}
	key, err := g.keys.Key(id)
	if err != nil {
		return AccessKey{}, mapping.Errorf(http.StatusUnauthorized, "the bearer token is not valid: %w", err)
	}
	return key, nil
}
