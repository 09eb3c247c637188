package testkit

// Meanings are the documented sentences by status, copied from the documentation and not from this library:
// https://docs.nvidia.com/run-ai/self-hosted/reference/rest-api/getting-started/using-the-rest-api/http-status-codes
var Meanings = map[int]string{
	200: "The request succeeded.",
	202: "The request was accepted but is still being processed.",
	204: "The request succeeded and no response body is returned.",
	400: "The request is invalid.",
	401: "Authentication failed.",
	403: "The caller is authenticated but not authorized.",
	404: "The requested resource does not exist.",
	405: "The method is not allowed for this endpoint.",
	409: "The request conflicts with the current resource state.",
	500: "An unexpected server error occurred.",
	501: "The server does not support the requested functionality.",
	502: "The gateway received an invalid response from an upstream service.",
	503: "The service is temporarily unavailable or an internal service dependency is failing.",
	504: "The gateway timed out waiting for an upstream service.",
}

// ErrorStatuses are the documented error statuses in ascending order.
var ErrorStatuses = []int{400, 401, 403, 404, 405, 409, 500, 501, 502, 503, 504}

// Documented reports whether a status is documented.
func Documented(httpStatus int) bool {
	return Meanings[httpStatus] != ""
}
