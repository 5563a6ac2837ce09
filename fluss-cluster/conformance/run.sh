#!/usr/bin/env bash
# run.sh HOST:PORT [CLASSES]   judges any cluster by the published client's cases, for example: run.sh 127.0.0.1:9123 'LogTest|TypesTest'
# The options that the cluster needs are in src/test/resources/server-options.txt. Ends with the figure; not 0 if a case fails.
set -eu
[ $# -ge 1 ] || { sed -n 2,3p "$0"; exit 2; }
cd "$(dirname "$0")/../.."
exec mvn -q -B ${MVN_OPTS:-} -Dquick -Pit -pl fluss-cluster/conformance verify "-Dbootstrap=$1" ${2:+"-Dcases=($2)"}
