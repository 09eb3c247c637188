#!/usr/bin/env bash
# Builds the recipe for C++ and runs the gateway's cases against it.
set -eu -o pipefail
suite=cpp
. "$(dirname "${BASH_SOURCE[0]}")/../suite.sh"

command -v g++ >/dev/null || leave_out 'there is no g++'
command -v protoc >/dev/null || leave_out 'there is no protoc'
plugin=$(command -v grpc_cpp_plugin) || leave_out 'there is no grpc_cpp_plugin'
pkg-config --exists grpc++ protobuf 2>/dev/null || leave_out 'pkg-config does not find grpc++ and protobuf'
rm -rf "$work"
mkdir -p "$work"
cd "$work"
protoc -I"$root/proto" -I"$here/../proto" -I"$here" --cpp_out=. \
	statusbridge/v1/statusbridge.proto statusbridge/answer/v1/answer.proto rpc_status.proto
protoc -I"$root/proto" -I"$here/../proto" --grpc_out=. --plugin=protoc-gen-grpc="$plugin" statusbridge/answer/v1/answer.proto
# shellcheck disable=SC2046 # pkg-config prints many words
g++ -std=c++17 -Wall -Wextra -Werror -I. -I"$here" -o answer "$here/server.cc" rpc_status.pb.cc \
	statusbridge/v1/statusbridge.pb.cc statusbridge/answer/v1/answer.pb.cc statusbridge/answer/v1/answer.grpc.pb.cc \
	$(pkg-config --cflags --libs grpc++ protobuf)
start server '/^127\.0\.0\.1:/p' ./answer
echo "cpp: the gateway with the server"
(cd "$root" && ANSWER_SERVER=$printed go test -count=1 -run 'TestErrors|TestSuccess|TestChallenge' ./internal/languages)
