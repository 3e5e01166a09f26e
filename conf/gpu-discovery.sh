#!/usr/bin/env bash
# Prints this machine's GPUs as Spark wants them: {"name": "gpu", "addresses": ["0", "1"]}.
# For spark.worker.resource.gpu.discoveryScript and spark.executor.resource.gpu.discoveryScript.
set -euo pipefail
addresses=""
if command -v nvidia-smi > /dev/null; then
  addresses="$(nvidia-smi --query-gpu=index --format=csv,noheader | sed 's/.*/"&"/' | paste -sd, -)"
fi
echo "{\"name\": \"gpu\", \"addresses\": [$addresses]}"
