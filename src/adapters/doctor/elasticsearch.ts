import { type Elasticsearch, type ElasticsearchAnswer, ElasticsearchFault } from '../elasticsearch/client';
import { dataStreamName } from '../elasticsearch/data-stream';
import { SetupFault, setUpElasticsearch } from '../elasticsearch/setup';
import type { Retention } from '../elasticsearch/templates';
import { dateReading } from './clock';
import type { Examined } from './examined';
import { CHECK_MS, type Finding, failed, faultText, ok, warning, within } from './finding';

export interface ElasticsearchPlace {
  readonly elasticsearch: Elasticsearch;
  /** `host:port` of the first node. */
  readonly host: string;
  readonly namespace: string;
  readonly retention: Retention;
}

/**
 * Reachability and version, credentials, the rights to write, the templates; and the clock, where an answer tells it.
 * Reads only: `_has_privileges` and `_authenticate` are open to every user and change nothing.
 */
export async function elasticsearchFindings(place: ElasticsearchPlace, now: () => number): Promise<Examined> {
  const { elasticsearch, host, namespace } = place;
  const check = `Elasticsearch ${host}`;
  const ask = (request: Parameters<Elasticsearch['request']>[0]) =>
    within(CHECK_MS, () => elasticsearch.request(request));
  let root: ElasticsearchAnswer;
  try {
    root = await ask({ method: 'GET', path: '/' });
  } catch (error) {
    const todo =
      error instanceof ElasticsearchFault && /certificate|CERT|SSL/i.test(error.message)
        ? 'set tls.caFile or tls.caFingerprint to the authority of the cluster'
        : 'see that nodes names the cluster, that it runs, and that no firewall is in between';
    return { findings: [failed(check, faultText(error), todo)], clocks: [] };
  }
  const reading = dateReading(check, root.date, now());
  const findings: Finding[] = [];
  const finish = () => ({ findings, clocks: reading === undefined ? [] : [reading] });
  if (root.status === 401) {
    findings.push(refusedCredentials(check));
    return finish();
  }
  if (root.status !== 200 && root.status !== 403) {
    findings.push(failed(check, `answers with HTTP ${root.status}`, 'look into the log of the cluster'));
    return finish();
  }
  findings.push(ok(check, root.status === 403 ? 'answers; its version needs the right monitor' : version(root.body)));
  for (const next of [() => rights(ask, check, namespace), () => templates(place, check)]) {
    try {
      findings.push(await next());
    } catch (error) {
      findings.push(failed(check, faultText(error), 'run doctor again; then look into the log of the cluster'));
    }
  }
  return finish();
}

const refusedCredentials = (check: string): Finding =>
  failed(
    `${check} credentials`,
    'the credentials are refused (HTTP 401)',
    'renew the API key or the password that apiKeyFrom or basic.passwordFrom leads to; see keywatch setup elasticsearch',
  );

const version = (body: unknown): string => {
  const number = (body as { version?: { number?: unknown } } | undefined)?.version?.number;
  const known = typeof number === 'string' && /^[0-9A-Za-z.-]{1,40}$/.test(number);
  return known ? `answers, version ${number}` : 'answers, without a version';
};

async function rights(
  ask: (request: Parameters<Elasticsearch['request']>[0]) => Promise<ElasticsearchAnswer>,
  check: string,
  namespace: string,
): Promise<Finding> {
  const stream = dataStreamName(namespace);
  const answer = await ask({
    method: 'POST',
    path: '/_security/user/_has_privileges',
    body: { index: [{ names: [stream], privileges: ['auto_configure', 'create_doc'] }] },
  });
  if (answer.status === 401) return refusedCredentials(check);
  const of = `${check} credentials`;
  if (answer.status === 403 || answer.status === 429 || answer.status >= 502) {
    return warning(
      of,
      `the rights cannot be seen (HTTP ${answer.status})`,
      'run doctor again; see whether a proxy is between',
    );
  }
  // Without security the path does not exist, which servers say with one of several codes.
  if (answer.status !== 200) return ok(of, `security seems to be off (HTTP ${answer.status}): anybody may write`);
  if ((answer.body as { has_all_requested?: unknown }).has_all_requested === true) {
    return ok(of, `accepted, and may write ${stream}`);
  }
  return failed(
    of,
    `accepted, but auto_configure or create_doc on ${stream} is missing`,
    'give the role what keywatch setup elasticsearch prints',
  );
}

/** What `keywatch setup elasticsearch --dry-run` would say. */
async function templates({ elasticsearch, namespace, retention }: ElasticsearchPlace, host: string): Promise<Finding> {
  const check = `${host} templates`;
  const lines: string[] = [];
  const tell = (line: string) => void lines.push(line);
  try {
    await within(CHECK_MS, () => setUpElasticsearch({ elasticsearch, namespace, retention, dryRun: true, tell }));
  } catch (error) {
    if (!(error instanceof SetupFault)) throw error;
    if (/HTTP 40[13]/.test(error.message)) {
      return warning(
        check,
        'these credentials may not see the templates',
        'as an administrator: keywatch setup elasticsearch --dry-run --basic-from REF says whether they are in place',
      );
    }
    return failed(check, faultText(error), 'put it right, then run keywatch setup elasticsearch');
  }
  const missing = lines.filter((line) => line.includes('would be created'));
  const old = lines.filter((line) => line.includes('would be updated'));
  if (missing.length > 0) {
    return failed(
      check,
      `not installed: ${missing.map((line) => line.split(':')[0]).join(', ')}`,
      'run keywatch setup elasticsearch before the first alert is written: without them fields get guessed types',
    );
  }
  if (old.length > 0) {
    return warning(
      check,
      `differ from this version's: ${old.map((line) => line.split(':')[0]).join(', ')}`,
      'run keywatch setup elasticsearch',
    );
  }
  return ok(check, 'installed, and of this version');
}
