// The requests of the page to the explorer. Each returns a comparison: a request and the responses of both gateways.

export function sendStep(status) {
  return post(`/explorer/steps/${status}`);
}

export function sendOwn(request) {
  return post("/explorer/own", JSON.stringify(request));
}

async function post(path, body) {
  const response = await fetch(path, { method: "POST", body });
  const result = await response.json();
  if (!response.ok) {
    throw new Error(result.message);
  }
  return result;
}

// asDocumented reports whether every check of an exchange is good.
export function asDocumented({ checks }) {
  return checks.every(({ good }) => good);
}

// line returns a status line without the HTTP version.
export function line({ statusLine }) {
  return statusLine.slice(statusLine.indexOf(" ") + 1);
}
