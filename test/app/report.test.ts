import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { encodeLines } from '../../src/adapters/file/append-log';
import { runReport } from '../../src/app/report';
import { type Config, configSchema } from '../../src/config';
import { causeId } from '../../src/decide/incident';
import type { AlertDocument } from '../../src/domain/alert';
import type { ReportOptions } from '../../src/options';
import { createObserver } from '../../src/profile/observation';
import { formatRecord, labels, type SimulateOptions, simulate } from '../../src/simulate/simulate';
import { anEvent } from '../support/events';
import { temporaryDirectories } from '../support/files';

jest.setTimeout(120_000);

const traffic: SimulateOptions = { seed: 5, keys: 12, days: 10, ratePerKeyDay: 60, thefts: 4 };
const events = [...simulate(traffic)];
const observe = createObserver();
const actorOf = ({ ip = '', userAgent = '' }: { ip?: string | undefined; userAgent?: string | undefined }) =>
  causeId('actor', observe(anEvent({ ip, userAgent }), 0, 0, 0).actor);

const newDirectory = temporaryDirectories();
let dir: string;
beforeAll(async () => {
  dir = await newDirectory();
  await writeFile(join(dir, 'a.ndjson'), events.map(({ record }) => `${formatRecord(record)}\n`).join(''));
});

async function report(over: Partial<ReportOptions>) {
  const text = { out: '', err: '' };
  const sink = (name: 'out' | 'err') =>
    new Writable({
      write(chunk, _, done) {
        text[name] += chunk;
        done();
      },
    });
  const json = join(await newDirectory(), 'report.json');
  await runReport({
    terminal: {
      out: sink('out'),
      err: sink('err'),
      outIsTty: false,
      errIsTty: false,
      colour: { out: false, err: false },
      width: 120,
    },
    stop: new AbortController().signal,
    version: '1.0.0',
    kind: 'risk',
    subject: undefined,
    files: [join(dir, 'a.ndjson')],
    at: undefined,
    since: undefined,
    unusedMs: 90 * 86_400_000,
    rotateMs: 90 * 86_400_000,
    rotateMsByTier: new Map(),
    html: undefined,
    csv: undefined,
    table: undefined,
    config: undefined,
    format: 'auto',
    ...over,
    json,
  });
  return { ...text, json, data: JSON.parse(await readFile(json, 'utf8')) };
}

const configOf = (over: object): Config =>
  configSchema.parse({ source: { kind: 'file', path: join(dir, 'a.ndjson') }, ...over });

/** The thief's requests on a key, by actor, as the simulator knows them. */
function truth(key: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { record, theftId } of events) {
    if (theftId === undefined || record.key !== key) continue;
    const actor = actorOf(record);
    counts.set(actor, (counts.get(actor) ?? 0) + 1);
  }
  return counts;
}

test('incident: names the thief of the simulation and counts every one of his requests', async () => {
  let named = 0;
  for (const key of new Set(labels(traffic).map((label) => label.key))) {
    const { data, out } = await report({ kind: 'incident', subject: key });
    const thief = data.incident?.keywatch.actor;
    const known = truth(key);
    if (thief === undefined || !known.has(thief)) continue;
    named++;
    const all = events.filter(({ record }) => record.key === key && actorOf(record) === thief).length;
    expect(all).toBe(known.get(thief));
    expect(data.clients.find((client: { actor: string }) => client.actor === thief)).toMatchObject({
      suspect: true,
      requests: all,
    });
    const routes = data.routes as { requests: number; first: number }[];
    expect(routes.reduce((sum, { requests }) => sum + requests, 0)).toBe(data.touched.requests);
    expect(data.touched.requests).toBeGreaterThanOrEqual(all);
    expect(data.clients.reduce((sum: number, client: { requests: number }) => sum + client.requests, 0)).toBe(
      events.filter(({ record }) => record.key === key).length,
    );
    expect(out).toContain('who thief');
  }
  // Of the four kinds of theft here, those from a place that the owner does not share are named.
  expect(named).toBeGreaterThanOrEqual(2);
});

test('risk: every key of the log once, in the order of its sum', async () => {
  const { data, out } = await report({ kind: 'risk' });
  expect(data.log.events).toBe(events.length);
  expect(data.keys.map(({ key }: { key: string }) => key).sort()).toEqual(
    [...new Set(events.map(({ record }) => record.key))].sort(),
  );
  const sums = data.keys.map(({ risk }: { risk: number }) => risk);
  expect(sums).toEqual([...sums].sort((a, b) => b - a));
  expect(out).toContain('it is no probability');
  expect(out).toContain('No inventory is configured');
});

test('access-review: with the inventory of the configuration; what it writes is for its owner alone', async () => {
  const [first] = events;
  const path = join(dir, 'inventory.csv');
  const key = first!.record.key;
  await writeFile(path, `key,owner,created\r\n${key},=cmd|x,2024-01-01\r\nghost,team-b,2024-01-01\r\n`);
  const [csv, html] = [join(dir, 'review.csv'), join(dir, 'review.html')];
  const { data } = await report({
    kind: 'access-review',
    config: configOf({ inventory: { path } }),
    files: [],
    csv,
    html,
  });
  expect(data).toMatchObject({ declared: 2, short: true, reviewed: 1 + new Set(events.map((e) => e.record.key)).size });
  const of = (id: string) =>
    data.findings.filter((f: { key: string }) => f.key === id).map((f: { kind: string }) => f.kind);
  expect(of(key)).toEqual(['never-rotated']);
  expect(of('ghost')).toEqual(['unused', 'never-rotated']);
  expect(await readFile(csv, 'utf8')).toContain(`"'=cmd|x"`);
  expect(await readFile(html, 'utf8')).toMatch(/^<!doctype html>/);
  for (const file of [csv, html]) expect((await stat(file)).mode & 0o077).toBe(0);
});

describe('beside the state of a running process', () => {
  /** A stored incident about the thief's actor of the first label, and its suspension, as the process left them. */
  async function withState() {
    const [label] = labels(traffic);
    const key = label!.key;
    const theft = events.find(({ record, theftId }) => record.key === key && theftId !== undefined)!;
    const actor = actorOf(theft.record);
    const state = join(await newDirectory(), 'state');
    await mkdir(state);
    const document = {
      '@timestamp': label!.start,
      event: {
        id: 'e1',
        kind: 'alert',
        start: label!.start,
        risk_score: 90,
        severity: 73,
        sequence: 0,
        reason: 'A newcomer.',
      },
      user: { id: key, name: 'n' },
      keywatch: { actor, incident: { id: 'inc1', state: 'open', requests: 1 }, evidence: [] },
    } as unknown as AlertDocument;
    const at = Date.parse(label!.start) + 1_800_000;
    const request = { id: 'r1', action: 'suspend', key };
    const write = (name: string, lines: object[]) =>
      writeFile(join(state, name), encodeLines(lines.map((line) => JSON.stringify(line))));
    await write('incidents.log', [{ kind: 'document', document }]);
    await write('ledger.log', [
      { requestId: 'r1', state: 'accepted', at, request },
      { requestId: 'r1', state: 'delivered', at: at + 1_000 },
    ]);
    const before = await readFile(join(state, 'incidents.log'));
    return { key, actor, at, state, before };
  }

  test('incident by id: thief and suspension from there, clients that still use the key, nothing changed', async () => {
    const { key, actor, at, state, before } = await withState();
    const inventory = join(state, '..', 'inventory.yaml');
    const other = events.find(({ record }) => record.key !== key)!.record.key;
    await writeFile(inventory, `- { key: ${key}, owner: team-a }\n- { key: ${other}, predecessor: ${key} }\n`);
    const config = configOf({ state: { dir: state }, inventory: { path: inventory } });
    const { data, err } = await report({ kind: 'incident', subject: 'inc1', config, files: [] });
    expect(err).not.toContain('judged once more');
    expect(data).toMatchObject({ key, by: 'state', sinceIs: 'suspension', since: new Date(at + 1_000).toISOString() });
    expect(data.successors).toEqual([other]);
    const after = new Set(
      events
        .filter(({ record }) => record.key === key && Date.parse(String(record.ts)) >= at + 1_000)
        .map(({ record }) => actorOf(record))
        .filter((one) => one !== actor),
    );
    const still = data.clients.filter((client: { move?: string }) => client.move === 'still-uses');
    expect(new Set(still.map((client: { actor: string }) => client.actor))).toEqual(after);
    expect(data.left).toBe(after.size);
    expect(await readFile(join(state, 'incidents.log'))).toEqual(before);
  });

  test('risk counts the incident; a torn line at the end of a file that is being written is passed over', async () => {
    const { key, state, before } = await withState();
    await writeFile(join(state, 'incidents.log'), Buffer.concat([before, before.subarray(0, 40)]));
    const { data } = await report({ kind: 'risk', config: configOf({ state: { dir: state } }) });
    const factorsOf = (id: string) => data.keys.find((k: { key: string }) => k.key === id).factors;
    expect(factorsOf(key)).toContainEqual({ factor: 'incidents', points: 12.5, why: '1 incident' });
  });
});

test('addresses are shown as privacy.addresses lets them be kept', async () => {
  const [label] = labels(traffic);
  process.env.KEYWATCH_TEST_PEPPER = 'pepper of this test alone';
  const config = configOf({ privacy: { addresses: 'hash', pepperFrom: 'env:KEYWATCH_TEST_PEPPER' } });
  const { json, out } = await report({ kind: 'incident', subject: label!.key, config });
  const near = label!.thief.ip.split('.').slice(0, 3).join('.');
  for (const text of [await readFile(json, 'utf8'), out]) {
    expect(text).not.toContain(near);
    expect(text).toMatch(/network h1:/);
  }
});

test('what is neither an incident nor a key of the log, and a table that is not there, are faults of the operator', async () => {
  await expect(report({ kind: 'incident', subject: 'nobody' })).rejects.toThrow(
    '"nobody" is no incident that is known',
  );
  await expect(report({ kind: 'risk', table: 'x', csv: join(dir, 'x') })).rejects.toThrow('expected one of keys');
  await expect(report({ kind: 'risk', files: [] })).rejects.toThrow('the log is missing');
  await expect(report({ kind: 'risk', files: [join(dir, 'none')] })).rejects.toThrow(/none/);
});
