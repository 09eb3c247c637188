// A user with CommonJS.

import { fromResponse, StatusError } from "statusbridge";
import { catchErrors } from "statusbridge/connect";
import { toServiceError } from "statusbridge/grpc";
import { HttpStatus } from "statusbridge/v1";

export const error = fromResponse(HttpStatus.CONFLICT) ?? new StatusError(HttpStatus.CONFLICT);
export const sent = toServiceError(error);
export const interceptor = catchErrors();
