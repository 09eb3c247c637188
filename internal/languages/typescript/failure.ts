// The errors of AnswerService (see answer.proto), for both servers.

import { StatusError } from "statusbridge";

export const isSuccess = (code: number) => code >= 200 && code <= 299;

/** Returns what a method throws, if it is no error of the runtime. */
export function failure(code: number, message: string, details: string): Error {
  switch (code) {
    case 0:
      return new Error(message);
    case 2:
      return new StatusError(400, message, { violations: { name: "is taken", pool: "is empty" }, retryAfter: 7 });
    case 3:
      return new StatusError(401, message, { challenge: details });
    default:
      return new StatusError(code, message, { details });
  }
}

export const options = { observer: () => undefined, hideUnexpected: process.argv.includes("hide") };
