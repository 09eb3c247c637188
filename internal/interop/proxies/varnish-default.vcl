vcl 4.1;

backend gateway {
    .host = "{{.GatewayHost}}";
    .port = "{{.GatewayPort}}";
}
