"""Prints a token of the example for the administrator of its demo."""

import json
import sys
import urllib.request

body = json.dumps({"clientId": "demo-administrator", "clientSecret": "administrator-demo-secret"}).encode()
request = urllib.request.Request(sys.argv[1] + "/api/v1/token", body, {"Content-Type": "application/json"})
with urllib.request.urlopen(request, timeout=10) as response:
    print(json.load(response)["accessToken"])
