// The way of a request through the gateway: Handler, mux, connection and service, and what an observer learns.
import { line } from "./api.js";
import { element } from "./dom.js";

const skipped = "not reached";

// way returns the stops of a request as list items.
export function way(exchange) {
  const { route, rpc, grpc, reached, cause, observation } = exchange.trace;
  return [
    stop("Handler", `sent ${line(exchange)}`),
    stop("mux", route ? `${route} → ${method(rpc)}` : "found no route for this method and path"),
    stop("connection", grpc ? status(grpc) : ""),
    stop("service", reached ? cause || "returned a response" : ""),
    stop("observer", observation ? observed(observation) : "is told about errors only", "observer"),
  ];
}

function stop(name, text, className = "") {
  return element("li", text ? className : `skipped ${className}`, element("b", "", name), element("span", "", text || skipped));
}

function status({ code, message, details }) {
  return [`gRPC ${code}${message ? `: ${message}` : ""}`, ...details.map((detail) => `with ${detail}`)].join(" ");
}

function observed({ status, origin, code, cause }) {
  return `${status}, origin ${origin}, code ${code}, cause: ${cause}`;
}

function method(rpc) {
  return rpc.slice(rpc.lastIndexOf(".") + 1).replace("/", ".");
}
