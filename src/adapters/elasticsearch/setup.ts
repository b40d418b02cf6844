import type { Elasticsearch, ElasticsearchAnswer } from './client';
import { dataStreamName } from './data-stream';
import { type Retention, TEMPLATE_VERSION, type Template, templatesOf } from './templates';

export interface SetupOptions {
  readonly elasticsearch: Elasticsearch;
  readonly namespace: string;
  readonly retention: Retention;
  /** Only looks, and says what it would do. */
  readonly dryRun: boolean;
  /** Told of each step, in words. */
  readonly tell: (line: string) => void;
}

/** What cannot be done without a person; the message says what they have to do. */
export class SetupFault extends Error {
  override readonly name = 'SetupFault';
}

/**
 * Installs the templates in `options.retention`'s form. Done again it finds everything in place and writes nothing. A
 * template that is not keywatch's, or a newer keywatch's, is never replaced. Where templates changed and the data stream
 * is there, it is rolled over, so that later alerts are indexed by the new ones. Rejects with
 * `SetupFault`, or `ElasticsearchFault` where the cluster cannot be reached; what was done until then is kept.
 */
export async function setUpElasticsearch(options: SetupOptions): Promise<void> {
  const { elasticsearch, namespace, retention, dryRun, tell } = options;
  if ('ilmPolicy' in retention) await requirePolicy(elasticsearch, retention.ilmPolicy);
  let changed = false;
  for (const template of templatesOf(retention)) {
    const verb = await standing(elasticsearch, template);
    if (verb === undefined) {
      tell(`${template.what} ${template.name}: unchanged`);
      continue;
    }
    changed = true;
    if (!dryRun) await accepted(elasticsearch, 'PUT', template.path, template.body);
    tell(`${template.what} ${template.name}: ${dryRun ? `would be ${verb}` : verb}`);
  }
  const stream = dataStreamName(namespace);
  const there = (await elasticsearch.request({ method: 'HEAD', path: `/${stream}` })).status === 200;
  if (!there) tell(`data stream ${stream}: comes into being with the first alert`);
  else if (!changed) tell(`data stream ${stream}: unchanged`);
  else {
    if (!dryRun) await accepted(elasticsearch, 'POST', `${stream}/_rollover`);
    tell(`data stream ${stream}: ${dryRun ? 'would be rolled over' : 'rolled over'}`);
  }
}

/** `created` or `updated` where the template has to be written, undefined where it is there as it should be. */
async function standing(elasticsearch: Elasticsearch, template: Template): Promise<'created' | 'updated' | undefined> {
  const answer = await elasticsearch.request({ method: 'GET', path: `/${template.path}` });
  if (answer.status === 404) return 'created';
  if (answer.status !== 200) throw refused('GET', template.path, answer);
  const found = installed(answer.body);
  const meta = (found._meta ?? {}) as Partial<Template['body']['_meta']>;
  if (meta.managed_by !== template.body._meta.managed_by) {
    throw new SetupFault(`the ${template.what} ${template.name} is there and is not keywatch's: rename or remove it`);
  }
  const version = Number(found.version);
  if (version > TEMPLATE_VERSION) {
    throw new SetupFault(
      `the ${template.what} ${template.name} is a newer keywatch's (version ${version}, this one has ${TEMPLATE_VERSION}): run that one's setup`,
    );
  }
  return version === TEMPLATE_VERSION && meta.digest === template.body._meta.digest ? undefined : 'updated';
}

/** The one template of an answer. Both kinds: `{ component_templates: [{ component_template: {…} }] }`, `{ index_… }`. */
function installed(body: unknown): Readonly<Record<string, unknown>> {
  const [list] = Object.values((body ?? {}) as Record<string, unknown>);
  const [entry] = Array.isArray(list) ? list : [];
  return (entry?.component_template ?? entry?.index_template ?? {}) as Record<string, unknown>;
}

async function requirePolicy(elasticsearch: Elasticsearch, name: string): Promise<void> {
  const path = `_ilm/policy/${encodeURIComponent(name)}`;
  const answer = await elasticsearch.request({ method: 'GET', path: `/${path}` });
  if (answer.status === 404) throw new SetupFault(`the index lifecycle policy ${name} does not exist: create it first`);
  if (answer.status !== 200) throw refused('GET', path, answer);
}

async function accepted(
  elasticsearch: Elasticsearch,
  method: 'PUT' | 'POST',
  path: string,
  body?: Template['body'],
): Promise<void> {
  const answer = await elasticsearch.request({ method, path: `/${path}`, ...(body === undefined ? {} : { body }) });
  if (answer.status !== 200) throw refused(method, path, answer);
}

function refused(method: string, path: string, { status, body }: ElasticsearchAnswer): SetupFault {
  const error = (body as { error?: { type?: unknown; reason?: unknown } } | undefined)?.error;
  const reason = [error?.type, error?.reason]
    .filter((text) => typeof text === 'string')
    .join(': ')
    .slice(0, 300);
  const rights =
    status === 401 || status === 403 ? '; setup needs manage_index_templates, and manage of the stream' : '';
  return new SetupFault(`${method} /${path}: HTTP ${status} ${reason}${rights}`);
}
