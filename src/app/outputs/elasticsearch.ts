import { systemClock } from '../../adapters/clock';
import {
  createElasticsearch,
  type Elasticsearch,
  type ElasticsearchConnection,
} from '../../adapters/elasticsearch/client';
import { createElasticsearchSink } from '../../adapters/elasticsearch/sink';
import { resolveSecret } from '../../adapters/secrets';
import type { RejectDocument } from '../../adapters/undelivered';
import type { ElasticsearchOutput } from '../../config/elasticsearch';
import type { AlertSink } from '../../ports';

type Credentials = ElasticsearchConnection['credentials'];

/** A client of the cluster, with the configured credentials unless others are given. */
export function elasticsearchOf(output: ElasticsearchOutput, others?: Credentials): Elasticsearch {
  const { nodes, tls, requestTimeout } = output;
  const credentials = others ?? configured(output);
  return createElasticsearch({ nodes, tls, requestTimeout, ...(credentials === undefined ? {} : { credentials }) });
}

function configured({ apiKeyFrom, basic }: ElasticsearchOutput): Credentials {
  if (apiKeyFrom !== undefined) return { apiKey: resolveSecret(apiKeyFrom) };
  if (basic === undefined) return undefined;
  return { username: basic.username, password: resolveSecret(basic.passwordFrom) };
}

export function elasticsearchSinkOf(output: ElasticsearchOutput, reject: RejectDocument): AlertSink {
  return createElasticsearchSink({
    elasticsearch: elasticsearchOf(output),
    host: new URL(output.nodes[0]).host,
    namespace: output.namespace,
    maxBatchBytes: output.maxBatchBytes,
    clock: systemClock,
    random: Math.random,
    onReject: reject,
  });
}
