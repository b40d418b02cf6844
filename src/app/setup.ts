import { type ElasticsearchConnection, ElasticsearchFault, persistent } from '../adapters/elasticsearch/client';
import { consoleText, privilegeRequests } from '../adapters/elasticsearch/privileges';
import { setUpElasticsearch } from '../adapters/elasticsearch/setup';
import { type Retention, templatesOf } from '../adapters/elasticsearch/templates';
import { resolveSecret } from '../adapters/secrets';
import type { ElasticsearchOutput } from '../config/elasticsearch';
import { type CommandContext, OperatorError } from '../options';
import { elasticsearchOf } from './outputs/elasticsearch';

export interface SetupOptions extends CommandContext {
  readonly outputs: readonly ElasticsearchOutput[];
  readonly dryRun: boolean;
  readonly apiKeyFrom: string | undefined;
  /** Leads to `user:password`. */
  readonly basicFrom: string | undefined;
}

/**
 * Prepares each Elasticsearch output. On `out`: the requests for Kibana's console (in a dry run the templates too); on
 * `err`: what was done, or would be. Rejects when a cluster refuses or cannot be reached, or a
 * secret cannot be had.
 */
export async function setUp({ outputs, dryRun, apiKeyFrom, basicFrom, terminal }: SetupOptions): Promise<void> {
  for (const output of outputs) {
    const retention: Retention =
      output.ilmPolicy === undefined ? { retentionMs: output.retention } : { ilmPolicy: output.ilmPolicy };
    if (dryRun) {
      for (const { what, name, path, body } of templatesOf(retention)) {
        terminal.out.write(`${consoleText({ about: `${what} ${name}`, line: `PUT /${path}`, body })}\n`);
      }
    }
    for (const request of privilegeRequests(output.namespace)) terminal.out.write(`${consoleText(request)}\n`);
    const client = elasticsearchOf(output, given(apiKeyFrom, basicFrom));
    const elasticsearch = persistent(client, output.nodes.length + 1);
    const tell = (line: string) => terminal.err.write(`${output.nodes[0]}: ${line}\n`);
    try {
      await setUpElasticsearch({ elasticsearch, namespace: output.namespace, retention, dryRun, tell });
    } catch (error) {
      if (error instanceof ElasticsearchFault) throw new OperatorError(`${output.nodes[0]}: ${error.message}`);
      throw error;
    } finally {
      await elasticsearch.close();
    }
  }
}

/** Credentials for this once; undefined for the configured ones. */
function given(apiKeyFrom: string | undefined, basicFrom: string | undefined): ElasticsearchConnection['credentials'] {
  if (apiKeyFrom !== undefined) return { apiKey: resolveSecret(apiKeyFrom) };
  if (basicFrom === undefined) return undefined;
  const [username, ...rest] = resolveSecret(basicFrom).split(':');
  if (rest.length === 0)
    throw new OperatorError('--basic-from leads to a text without a colon: expected user:password');
  return { username, password: rest.join(':') };
}
