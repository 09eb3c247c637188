//! The documented statuses of errors and their gRPC codes, generated from the status table.

pub const GRPC_CODES: &[(u16, i32)] = &[
    (400, 3), // InvalidArgument
    (401, 16), // Unauthenticated
    (403, 7), // PermissionDenied
    (404, 5), // NotFound
    (405, 12), // Unimplemented
    (409, 10), // Aborted
    (500, 13), // Internal
    (501, 12), // Unimplemented
    (502, 14), // Unavailable
    (503, 14), // Unavailable
    (504, 4), // DeadlineExceeded
];
