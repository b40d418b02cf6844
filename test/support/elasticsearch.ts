import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { templatesOf } from '../../src/adapters/elasticsearch/templates';
import type { AlertDocument } from '../../src/domain/alert';

/**
 * A real Elasticsearch for tests. `describeElasticsearch` uses the node that `ELASTICSEARCH_URL` names, or one that the
 * first test to ask for it starts for the whole run. Where neither can be had its tests are skipped with one loud line;
 * under `CI=true` they fail instead.
 */
const script = path.join(__dirname, 'elasticsearch-node.js');
const START_MS = 120_000;

const runDir = (): string => {
  const dir = process.env.KEYWATCH_TEST_RUN;
  if (!dir) throw new Error('the run folder is missing: jest.config.js names test/support/run-start.js as globalSetup');
  return dir;
};
const inRun = (name: string): string => path.join(runDir(), name);

/** True for the one caller in the whole run that comes first. */
const first = (name: string): boolean => {
  try {
    fs.mkdirSync(inRun(name));
    return true;
  } catch {
    return false;
  }
};

/** Why a node cannot be started here, or '' when it can; fetches the jars where they are missing. */
const obstacle = (): string => {
  const file = inRun('elasticsearch-obstacle');
  if (fs.existsSync(file)) return fs.readFileSync(file, 'utf8');
  const result = spawnSync(process.execPath, [script, '--fetch-only'], { encoding: 'utf8', timeout: 320_000 });
  const text = result.status === 0 ? '' : result.stderr.trim() || 'the node script failed';
  fs.writeFileSync(`${file}.${process.pid}`, text);
  fs.renameSync(`${file}.${process.pid}`, file);
  return text;
};

const named = (): string | undefined => process.env.ELASTICSEARCH_URL?.replace(/\/$/, '');

/** The run's own node; started by the first test that asks. */
export async function ownNode(): Promise<string> {
  const ready = inRun('elasticsearch.json');
  const log = inRun('elasticsearch.log');
  if (first('elasticsearch.lock')) {
    const out = fs.openSync(log, 'a');
    const owner = process.env.KEYWATCH_TEST_RUN_PID ?? String(process.pid);
    const child = spawn(process.execPath, [script, '--ready-file', ready, '--watch-pid', owner], {
      detached: true,
      stdio: ['ignore', out, out],
    });
    fs.closeSync(out);
    child.once('exit', (code) => fs.writeFileSync(inRun('elasticsearch.failed'), String(code)));
    child.unref();
    fs.writeFileSync(inRun('elasticsearch.pid'), String(child.pid));
  }
  const deadline = Date.now() + START_MS;
  while (!fs.existsSync(ready)) {
    if (fs.existsSync(inRun('elasticsearch.failed')) || Date.now() > deadline) {
      const said = fs.existsSync(log) ? fs.readFileSync(log, 'utf8').trim() : 'no output';
      throw new Error(`Elasticsearch did not start: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return (JSON.parse(fs.readFileSync(ready, 'utf8')) as { url: string }).url;
}

/** Address for a test inside `describeElasticsearch`. */
export const elasticsearchUrl = async (): Promise<string> => named() ?? ownNode();

function describeIf(missing: string, name: string, body: () => void): void {
  const remedy = 'Set ELASTICSEARCH_URL, or install a JDK 17+ and Maven.';
  if (missing === '') describe(name, body);
  else if (process.env.CI === 'true') {
    describe(name, () => {
      it('needs an Elasticsearch node', () => {
        throw new Error(`CI=true and no Elasticsearch to test against: ${missing}. ${remedy}`);
      });
    });
  } else {
    if (first('elasticsearch-told')) {
      process.stderr.write(`\n*** ELASTICSEARCH TESTS SKIPPED: ${missing}. ${remedy} ***\n\n`);
    }
    describe.skip(name, body);
  }
}

/** `describe` for tests that talk to the node of `elasticsearchUrl()`. */
export const describeElasticsearch = (name: string, body: () => void): void =>
  describeIf(named() === undefined ? obstacle() : '', name, body);

/** `describe` for tests of the run's own node, whose limits are small: 1 MiB a request, 900 KiB in flight. */
export const describeOwnElasticsearch = (name: string, body: () => void): void => describeIf(obstacle(), name, body);

/** A data stream's namespace that nobody else has. */
export const uniqueNamespace = (): string => `test_${randomBytes(6).toString('hex')}`;

export type Json = Record<string, unknown>;

/** One request by plain `fetch`, so that a test sees the server and not our client. Throws on a status from 400 on. */
export async function ask<T = Json>(url: string, method: string, place: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${url}${place}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${place}: ${answer.status} ${text.slice(0, 500)}`);
  return (text === '' ? {} : JSON.parse(text)) as T;
}

/** What the node of the modules above knows instead of the field types that it lacks. */
const substitutes: Readonly<Record<string, string>> = { match_only_text: 'text', constant_keyword: 'keyword' };

/** The same JSON with field types that a bare server lacks replaced by the nearest that it has. */
export const withoutModules = <T>(body: T): T =>
  JSON.parse(JSON.stringify(body), (key, value) => (key === 'type' && substitutes[value]) || value) as T;

export interface Hit {
  readonly _id: string;
  readonly _ignored?: readonly string[];
  readonly _source: AlertDocument & { data_stream: Json; event: { ingested: string } };
}

/** Everything in an index or data stream, in the order of writing. None where there is no such stream. */
export async function readStream(url: string, stream: string): Promise<Hit[]> {
  await ask(url, 'POST', `/${stream}/_refresh?ignore_unavailable=true`);
  const found: Hit[] = [];
  for (let after: unknown; ; ) {
    const body = {
      size: 5_000,
      sort: [{ '@timestamp': 'asc' }, { _seq_no: 'asc' }],
      ...(after === undefined ? {} : { search_after: after }),
    };
    const page = await ask<{ hits: { hits: (Hit & { sort: unknown })[] } }>(
      url,
      'POST',
      `/${stream}/_search?ignore_unavailable=true&allow_no_indices=true`,
      body,
    );
    if (page.hits.hits.length === 0) return found;
    found.push(...page.hits.hits);
    after = page.hits.hits.at(-1)!.sort;
  }
}

/**
 * Installs the templates by plain requests, once in the whole run, so that no test finds them changed under its hands; a
 * bare server gets them without the field types that it lacks.
 */
export async function installTemplates(url: string): Promise<void> {
  const name = `elasticsearch-templates-${createHash('sha256').update(url).digest('hex').slice(0, 8)}`;
  const done = inRun(`${name}.done`);
  if (first(`${name}.lock`)) {
    for (const { path: place, body } of templatesOf({ retentionMs: 90 * 86_400_000 })) {
      await ask(url, 'PUT', `/${place}`, body).catch(() => ask(url, 'PUT', `/${place}`, withoutModules(body)));
    }
    fs.writeFileSync(done, '');
  }
  const deadline = Date.now() + START_MS;
  while (!fs.existsSync(done)) {
    if (Date.now() > deadline) throw new Error('another test could not install the templates');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
