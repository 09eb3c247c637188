// Makes openapi-fetch throw the errors of package statusbridge.

import createClient, { type Client, type Middleware } from "openapi-fetch";
import { fromResponse } from "statusbridge";
import type { paths } from "./example.js";

// docs: client
const errors: Middleware = {
  async onResponse({ response }) {
    const body = response.ok ? "" : await response.text();
    const error = fromResponse(response.status, response.headers, body);
    if (error) {
      throw error;
    }
  },
};

export function newClient(baseUrl: string): Client<paths> {
  const client = createClient<paths>({ baseUrl });
  client.use(errors);
  return client;
}
// docs: end
