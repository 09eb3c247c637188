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

// public lists the methods that take no token.
var public = map[string]bool{
	controlplanev1.TokensService_GrantToken_FullMethodName: true,
}

// viewing lists the methods that every role may call. A method that is in neither list is for administrators, so
// a forgotten one is closed and not open.
var viewing = map[string]bool{
	controlplanev1.ProjectsService_ListProjects_FullMethodName:   true,
	controlplanev1.ProjectsService_GetProject_FullMethodName:     true,
	controlplanev1.WorkspacesService_GetWorkspace_FullMethodName: true,
	controlplanev1.WorkloadsService_ListWorkloads_FullMethodName: true,
}

// Guard decides which calls pass.
type Guard struct {
	issuer *Issuer
	keys   *Keyring
}

// NewGuard returns a guard over the tokens of issuer for the access keys on the ring.
func NewGuard(issuer *Issuer, keys *Keyring) *Guard {
	return &Guard{issuer: issuer, keys: keys}
}

// ServerOptions returns the interceptors that put the guard in front of a gRPC server.
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

// Caller returns the access key that the call was admitted with. It is zero in a public method.
func Caller(ctx context.Context) AccessKey {
	key, _ := ctx.Value(callerKey{}).(AccessKey)
	return key
}

// admit returns the context for the handler, or the error that the call ends with.
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

// identify reads the token of a call. Every failure is a 401; only an expired token is told from the others,
// because that is what a client can do something about.
func (g *Guard) identify(ctx context.Context) (AccessKey, error) {
	header := metadata.ValueFromIncomingContext(ctx, "authorization")
	if len(header) == 0 {
		return AccessKey{}, mapping.Errorf(http.StatusUnauthorized, "a bearer token is required")
	}
	// RFC 9110 section 11.1: the scheme is case-insensitive.
	scheme, token, _ := strings.Cut(header[0], " ")
	if len(header) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return AccessKey{}, mapping.Errorf(http.StatusUnauthorized, "the Authorization header has to hold one bearer token")
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
