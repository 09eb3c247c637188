// The client of the README and of docs/other-languages.md.

// docs: program
import { fromResponse } from "statusbridge";

// docs: client
export async function get(url: string): Promise<unknown> {
  const response = await fetch(url);
  const body = await response.text();
  const error = fromResponse(response.status, response.headers, body);
  if (error) {
    throw error;
  }
  return JSON.parse(body);
}
// docs: end client
// docs: end program
