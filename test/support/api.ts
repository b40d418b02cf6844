import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { openAnswers } from '../../src/adapters/api/answers';
import type { Desk } from '../../src/adapters/api/desk';
import { openapiOf } from '../../src/adapters/api/openapi';
import { apiRoutes } from '../../src/adapters/api/routes';
import { type ApiOptions, createApi } from '../../src/adapters/api/server';
import { createTokens } from '../../src/adapters/api/tokens';
import type { AuditEntry } from '../../src/domain/audit';
import type { Command } from '../../src/domain/command';
import { inventoryOf, keyFacts } from '../../src/domain/inventory';
import type { ManualAction, ManualResult, Standing } from '../../src/domain/standing';
import { Incidents } from '../../src/enforce/incidents';
import { alertDocument } from './alerts';

export const T = Date.UTC(2026, 0, 5);
export const secrets = {
  viewer: 'viewer-0123456789abcdef0123456789abcdef',
  analyst: 'analyst-0123456789abcdef0123456789abcdef',
  responder: 'responder-0123456789abcdef0123456789abc',
} as const;
export type Who = keyof typeof secrets;

/** The document of incident `i<n>` of key `k<n>`, with evidence of several facets and a broken rule. */
export function incidentDocument(n: number, key = `k${n}`, sequence = 0) {
  const piece = (facet: 'actor' | 'geography' | 'client' | 'time' | 'volume' | 'limits') => ({
    detector: facet,
    facet,
    kind: facet === 'limits' ? ('rule' as const) : ('statistical' as const),
    surprise: facet === 'limits' ? 0 : 3,
    confidence: 0.9,
    saw: 'a stranger',
    expected: 'its owner',
    since: new Date(T).toISOString(),
  });
  const base = alertDocument({
    id: `a${n}-${sequence}`,
    user: { id: key, name: `name of ${key}` },
    keywatch: {
      incident: { id: `i${n}`, state: 'open', requests: 1 },
      evidence: (['actor', 'geography', 'client', 'time', 'volume', 'limits'] as const).map(piece),
      baseline: {
        since: new Date(T).toISOString(),
        active_days: 3,
        events: 100,
        known: { actors: 1, networks: 1, countries: 1, clients: 1 },
        usual_countries: ['DE'],
        usual_hours: ['08:00-18:00'],
        confidence: 0.6,
      },
    },
  });
  const at = new Date(T + n * 1_000).toISOString();
  return {
    ...base,
    '@timestamp': at,
    organization: { id: 'acme' },
    event: { ...base.event, start: at, sequence },
  };
}

export interface Sent {
  readonly token?: string | undefined;
  readonly body?: unknown;
  /** As it goes over the wire, in place of `body`. */
  readonly text?: string;
  readonly idempotency?: string;
  readonly headers?: Record<string, string>;
}

/** An API over doubles of Enforce, audit log and Detect; everything it asks of them is noted. */
export async function apiStand(over: Partial<ApiOptions> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'keywatch-api-'));
  const incidents = new Incidents({ most: 1_000, keepMs: 1e12 });
  const audited: AuditEntry[] = [];
  const commands: Command[] = [];
  const suspended: ManualAction[] = [];
  const released: { key: string; by: string; reason: string }[] = [];
  const resets: (string | undefined)[][] = [];
  const faults: unknown[] = [];
  const standings = new Map<string, Standing>();
  const stand = { now: T, result: { ok: true, requestIds: ['r1'] } as ManualResult, auditFails: false };
  const standing = (key: string): Standing => standings.get(key) ?? { state: 'quiet', strikes: 0 };
  const desk: Desk = {
    control: {
      standing,
      standings: () => [...standings].map(([key, one]) => ({ key, keyName: '', tenant: '', ...one })),
      async suspend(action) {
        suspended.push(action);
        if (stand.result.ok) standings.set(action.key, { state: 'suspended', until: stand.now, strikes: 0 });
        return stand.result;
      },
      async release(about) {
        released.push(about);
        standings.set(about.key, { state: 'releasing', strikes: 0 });
        return { ok: true, requestIds: ['r1-release'] };
      },
      async resetBreaker(by, tenant) {
        resets.push([by, tenant]);
      },
      breaker: () => [
        { open: true, rail: 'breaker-count', since: T },
        { open: false, tenant: 'acme' },
      ],
    },
    incidents,
    keepFeedback: async (feedback) => void incidents.note({ kind: 'feedback', feedback }),
    inventory: () =>
      inventoryOf(
        [keyFacts.parse({ key: 'k1', owner: 'billing', created: '2026-01-01', secretHash: 'h1:abc' })],
        [],
        'd',
      ),
    command: async (command) => void commands.push(command),
    audit: {
      async record(entry) {
        if (stand.auditFails) throw new Error('disk full');
        audited.push(entry);
      },
    },
    now: () => stand.now,
    muteMs: 7 * 86_400_000,
    muteMaxMs: 30 * 86_400_000,
  };
  const routes = apiRoutes(desk);
  const answersPath = join(dir, 'answers.log');
  let answers = await openAnswers(answersPath, { now: desk.now });
  const start = () =>
    createApi({
      host: '127.0.0.1',
      port: 0,
      hostNames: [],
      perMinute: 10_000,
      failuresPerMinute: 10_000,
      authenticate: createTokens(
        (Object.keys(secrets) as Who[]).map((role) => ({ name: `a-${role}`, role, secret: secrets[role] })),
      ),
      routes,
      openapi: openapiOf(routes, '1'),
      answers,
      audit: desk.audit,
      onFault: (_, error) => faults.push(error),
      ...over,
    });
  let server = await start();

  async function call(method: string, path: string, sent: Sent | Who = {}) {
    const { token, body, text, idempotency, headers } =
      typeof sent === 'string' ? ({ token: secrets[sent] } as Sent) : sent;
    const payload = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const answer = await request(`${server.url}${path}`, {
      method: method as 'GET',
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotency === undefined ? {} : { 'idempotency-key': idempotency }),
        ...headers,
      },
      ...(payload === undefined ? {} : { body: payload }),
    });
    const raw = await answer.body.text();
    return {
      status: answer.statusCode,
      headers: answer.headers,
      raw,
      // biome-ignore lint/suspicious/noExplicitAny: tests look at any member of an answer.
      body: (raw === '' ? {} : JSON.parse(raw)) as any,
    };
  }
  let calls = 0;
  return {
    stand,
    desk,
    incidents,
    standings,
    audited,
    commands,
    suspended,
    released,
    resets,
    faults,
    get url() {
      return server.url;
    },
    call,
    get: (path: string, who: Who = 'viewer') => call('GET', path, who),
    post: (path: string, who: Who, body: unknown, idempotency = `call-${++calls}`) =>
      call('POST', path, { token: secrets[who], body, idempotency }),
    note(...documents: ReturnType<typeof incidentDocument>[]) {
      for (const document of documents) incidents.note({ kind: 'document', document });
    },
    /** Ends the process of the API and starts another over the same files. */
    async restart() {
      await server.close();
      await answers.close();
      answers = await openAnswers(answersPath, { now: desk.now });
      server = await start();
    },
    async close() {
      await server.close();
      await answers.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export type ApiStand = Awaited<ReturnType<typeof apiStand>>;
