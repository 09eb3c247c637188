#!/usr/bin/env bash
# Installs the Maven artifact into a repository of the project's own and runs its suite.
set -eu -o pipefail
suite=java
. "$(dirname "${BASH_SOURCE[0]}")/../suite.sh"

javac -version 2>/dev/null | awk '{ exit $2 + 0 < 17 }' || leave_out 'there is no JDK 17 or later'
command -v mvn >/dev/null || leave_out 'there is no Maven'
rm -rf "$work" "$root/.tmp/m2/io/github/statusbridge"
mkdir -p "$work"
cp -R "$root/gen/java" "$work/package"
cp -R "$here" "$work/suite"
cp -R "$root/internal/languages/user" "$work/suite/user"
# The repository keeps what was downloaded, and nothing of this project.
maven=(mvn -B -ntp -Dstyle.color=never "-Dmaven.repo.local=$root/.tmp/m2")
# Nothing but a failed resolution tells missing packages from code that does not compile.
install() {
	"${maven[@]}" -q -f "$1" -DskipTests "$2" >"$work/install.log" 2>&1 && return
	if grep -q 'Could not \(resolve\|transfer\|find\)\|could not be resolved' "$work/install.log"; then
		leave_out "its packages cannot be installed ($(grep -m 1 ERROR "$work/install.log"))"
	fi
	cat "$work/install.log" >&2
	exit 1
}
install "$work/package" install
install "$work/suite" test-compile

for kind in '' -sources -javadoc; do
	test -s "$work/package/target/statusbridge-0.1.0$kind.jar"
done

start_control_plane
"${maven[@]}" -f "$work/suite" surefire:test | grep -v '^\[INFO\] *\(--*.*\)\?$'
server=(java -cp "$work/suite/target/classes:$(cat "$work/suite/target/classpath")" io.github.statusbridge.answer.AnswerServer)
drive server "${server[@]}"
drive hiding-server "${server[@]}" hide
