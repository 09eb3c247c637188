//! Generates the contract and the service. protox compiles protos without protoc.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let roots = ["../../../proto", "../proto"];
    for root in roots {
        println!("cargo:rerun-if-changed={root}");
    }
    let files = protox::compile(["statusbridge/answer/v1/answer.proto"], roots)?;
    Ok(tonic_prost_build::configure().include_file("protos.rs").compile_fds(files)?)
}
