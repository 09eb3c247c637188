//! AnswerService (see answer.proto) on tonic, on a free loopback port, which it prints.

mod statusbridge;
mod table;

use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{transport::Server, Code, Request, Response, Status};

mod pb {
    tonic::include_proto!("protos");
}

use pb::statusbridge::answer::v1::answer_service_server::{AnswerService, AnswerServiceServer};
use pb::statusbridge::v1::Error;

struct Answering;

fn respond(request: Error) -> Result<Response<Error>, Status> {
    match request.code {
        200..=299 => Ok(statusbridge::success(request.code as u16, request)),
        0 => Err(Status::unknown(request.message)),
        1 if request.message.is_empty() => {
            Err(statusbridge::error(400, "the workspace is not valid", "pool: is empty"))
        }
        1 => Ok(statusbridge::success(202, request)),
        3 => Err(statusbridge::with_challenge(
            statusbridge::error(401, &request.message, ""),
            &request.details,
        )),
        code if code < 0 => Err(Status::new(Code::from(-code), request.message)),
        code => Err(statusbridge::error(code as u16, &request.message, &request.details)),
    }
}

#[tonic::async_trait]
impl AnswerService for Answering {
    async fn answer(&self, request: Request<Error>) -> Result<Response<Error>, Status> {
        respond(request.into_inner())
    }

    type WatchStream = tokio_stream::Once<Result<Error, Status>>;

    async fn watch(&self, request: Request<Error>) -> Result<Response<Self::WatchStream>, Status> {
        let (metadata, message, extensions) = respond(request.into_inner())?.into_parts();
        Ok(Response::from_parts(metadata, tokio_stream::once(Ok(message)), extensions))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    Server::builder()
        .add_service(AnswerServiceServer::new(Answering))
        .serve_with_incoming(TcpListenerStream::new(listener))
        .await?;
    Ok(())
}
