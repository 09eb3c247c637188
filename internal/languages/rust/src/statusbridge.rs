//! The recipe: exact errors and success statuses for a service on tonic.

use prost::Message;
use prost_types::Any;
use tonic::metadata::MetadataMap;
use tonic::{Code, Response, Status};

use crate::pb::statusbridge::v1::Error;
use crate::table::GRPC_CODES;

/// The `google.rpc.Status` of grpc-status-details-bin. tonic-types has it as well.
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

// docs: recipe
/// Returns the error that a client of the REST API reads as this HTTP status, message and details. Keep the texts short:
/// clients lose the status of a call with more than 8 KiB of trailers.
pub fn error(http_status: u16, message: &str, details: &str) -> Status {
    let row = |wanted: u16| GRPC_CODES.iter().find(|(status, _)| *status == wanted);
    let code = row(http_status)
        .or_else(|| row(http_status / 100 * 100))
        .map_or(Code::Internal, |(_, code)| Code::from(*code));
    let own = Error { code: http_status.into(), message: message.into(), details: details.into() };
    let detail = Any { type_url: "type.googleapis.com/statusbridge.v1.Error".into(), value: own.encode_to_vec() };
    let status = RpcStatus { code: code.into(), message: message.into(), details: vec![detail] };
    Status::with_details(code, message, status.encode_to_vec().into())
}

/// Returns a response that the gateway sends with this status, 200..299.
pub fn success<T>(http_status: u16, message: T) -> Response<T> {
    let mut response = Response::new(message);
    response.metadata_mut().insert("statusbridge-http-status", http_status.into());
    response
}
// docs: end

/// Returns an error with the challenge of a 401.
pub fn with_challenge(status: Status, challenge: &str) -> Status {
    let mut metadata = MetadataMap::new();
    if let Ok(value) = challenge.parse() {
        metadata.insert("www-authenticate", value);
    }
    Status::with_details_and_metadata(status.code(), status.message(), status.details().to_vec().into(), metadata)
}
