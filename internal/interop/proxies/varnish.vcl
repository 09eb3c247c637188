vcl 4.1;

backend gateway {
    .host = "{{.GatewayHost}}";
    .port = "{{.GatewayPort}}";
    .first_byte_timeout = 1h;
    .between_bytes_timeout = 1h;
}

sub vcl_backend_response {
    if (beresp.status >= 400) {
        set beresp.ttl = 0s;
        set beresp.uncacheable = true;
    }
}
