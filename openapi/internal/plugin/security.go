package plugin

import (
	v2options "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	v3options "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv3/options"
)

// security translates security requirements. An empty one says that no authentication is needed, in both versions.
func security(from []*v2options.SecurityRequirement) []*v3options.SecurityRequirement {
	var to []*v3options.SecurityRequirement
	for _, requirement := range from {
		schemes := map[string]*v3options.SecurityRequirement_Scopes{}
		for name, value := range requirement.GetSecurityRequirement() {
			schemes[name] = &v3options.SecurityRequirement_Scopes{Scopes: value.GetScope()}
		}
		to = append(to, &v3options.SecurityRequirement{Schemes: schemes})
	}
	return to
}

// securityScheme translates a security scheme of OpenAPI 2.0. An unknown type stays unknown, so that
// protoc-gen-openapiv3 refuses it.
func securityScheme(from *v2options.SecurityScheme) *v3options.SecurityScheme {
	to := &v3options.SecurityScheme{Description: from.GetDescription()}
	switch from.GetType() {
	case v2options.SecurityScheme_TYPE_BASIC:
		to.Type, to.Scheme = v3options.SecurityScheme_TYPE_HTTP, "basic"
	case v2options.SecurityScheme_TYPE_API_KEY:
		to.Type, to.Name = v3options.SecurityScheme_TYPE_API_KEY, from.GetName()
		switch from.GetIn() {
		case v2options.SecurityScheme_IN_QUERY:
			to.In = v3options.SecurityScheme_IN_QUERY
		case v2options.SecurityScheme_IN_HEADER:
			to.In = v3options.SecurityScheme_IN_HEADER
		}
	case v2options.SecurityScheme_TYPE_OAUTH2:
		to.Type, to.Flows = v3options.SecurityScheme_TYPE_OAUTH2, oauthFlows(from)
	}
	return to
}

// oauthFlows translates the one flow of a scheme. OpenAPI 3 has other names for two of them.
func oauthFlows(from *v2options.SecurityScheme) *v3options.OAuthFlows {
	flow := &v3options.OAuthFlow{
		AuthorizationUrl: from.GetAuthorizationUrl(), TokenUrl: from.GetTokenUrl(), Scopes: from.GetScopes().GetScope(),
	}
	switch from.GetFlow() {
	case v2options.SecurityScheme_FLOW_IMPLICIT:
		return &v3options.OAuthFlows{Implicit: flow}
	case v2options.SecurityScheme_FLOW_PASSWORD:
		return &v3options.OAuthFlows{Password: flow}
	case v2options.SecurityScheme_FLOW_APPLICATION:
		return &v3options.OAuthFlows{ClientCredentials: flow}
	case v2options.SecurityScheme_FLOW_ACCESS_CODE:
		return &v3options.OAuthFlows{AuthorizationCode: flow}
	}
	return &v3options.OAuthFlows{}
}
