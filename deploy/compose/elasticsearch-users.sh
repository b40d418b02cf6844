#!/bin/bash
# Gives Kibana's user its password, and makes the user `keywatch`, who may add alerts and nothing else.
# Run again it changes nothing. Passwords are hexadecimal (docs/operations.md), so they need no quoting in JSON.
set -euo pipefail

put() {
  # The login comes by a pipe and the body by standard input: neither is seen in the list of processes.
  curl --silent --show-error --fail --output /dev/null --config <(printf 'user = "elastic:%s"\n' "$(< /run/secrets/elastic_password)") \
    --request PUT --header 'Content-Type: application/json' --data-binary @- "http://elasticsearch:9200$1"
}

put /_security/user/kibana_system/_password <<< "{\"password\":\"$(< /run/secrets/kibana_password)\"}"
put /_security/role/keywatch <<< '{"indices":[{"names":["logs-keywatch.alert-default"],"privileges":["auto_configure","create_doc"]}]}'
put /_security/user/keywatch <<< "{\"password\":\"$(< /run/secrets/keywatch_password)\",\"roles\":[\"keywatch\"]}"
