import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { publishedSchemas, schemaText } from '../src/adapters/schemas';
import { alertDocument } from '../src/domain/alert';
import { usageEventRecord } from '../src/domain/event';
import { formatRecord, simulate } from '../src/simulate/simulate';

const folder = join(__dirname, '..', 'schemas');
const schemas = publishedSchemas();

const validator = (name: string) => {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
  addFormats(ajv);
  const validate = ajv.compile(schemas[name]);
  return (document: unknown): boolean => validate(document) as boolean;
};

test.each(Object.keys(schemas))('%s is what the code says (else: npm run schemas)', (name) => {
  expect(readFileSync(join(folder, name), 'utf8')).toBe(schemaText(schemas[name]));
});

test('no file lies beside them that the code does not know', () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(schemas).sort());
});

describe('alert.schema.json', () => {
  const valid = validator('alert.schema.json');
  const sample = {
    '@timestamp': '2026-01-31T12:00:00.000Z',
    ecs: { version: '8.17.0' },
    message: 'API key used by someone new',
    event: {
      id: 'a-1',
      kind: 'alert',
      category: ['api', 'intrusion_detection'],
      type: ['info'],
      module: 'keywatch',
      dataset: 'keywatch.alert',
      risk_score: 91.5,
      severity: 73,
      reason: 'Requests from Brazil, where this key was never used.',
      sequence: 0,
    },
    user: { id: 'key-1', name: 'billing' },
    source: { ip: '203.0.113.7', geo: { country_iso_code: 'BR' }, as: { number: 64_500 } },
    keywatch: {
      mode: 'dry-run',
      action: 'suspend',
      incident: { id: 'i-1', state: 'open', requests: 3 },
      evidence: [
        {
          detector: 'geography',
          facet: 'geography',
          kind: 'statistical',
          surprise: 3.1,
          confidence: 0.9,
          saw: 'requests from Brazil',
          expected: 'Germany in 9,214 of 9,230 requests',
          since: '2026-01-01T00:00:00.000Z',
        },
      ],
    },
  };
  const set = (path: string, value: unknown) => {
    const copy = structuredClone(sample) as Record<string, unknown>;
    const steps = path.split('.');
    const last = steps.pop()!;
    let at = copy;
    for (const step of steps) at = at[step] as Record<string, unknown>;
    if (value === undefined) delete at[last];
    else at[last] = value;
    return copy;
  };

  test.each([
    ['as it is', sample, true],
    ['without a user, as notices are', set('user', undefined), true],
    ['without a time', set('@timestamp', undefined), false],
    ['with a time that is none', set('@timestamp', 'today'), false],
    ['with a severity of its own', set('event.severity', 50), false],
    ['with a risk over 100', set('event.risk_score', 101), false],
    ['with an unknown facet', set('keywatch.evidence.0.facet', 'mood'), false],
    ['with a field that nobody declared', set('keywatch.secret', 'x'), false],
  ])('a document %s: the schema and the code agree', (_, document, expected) => {
    expect(valid(document)).toBe(expected);
    // The code strips what it does not know; the schema refuses it.
    if (!('secret' in (document.keywatch as object))) expect(alertDocument.safeParse(document).success).toBe(expected);
  });
});

test('usage-event.schema.json takes what the simulation writes and refuses what the code refuses', () => {
  const valid = validator('usage-event.schema.json');
  let seen = 0;
  for (const { record } of simulate({ seed: 1, keys: 2, days: 1 })) {
    expect(valid(JSON.parse(formatRecord(record)))).toBe(true);
    if (++seen === 200) break;
  }
  expect(seen).toBe(200);
  for (const record of [
    {},
    { ts: 1 },
    { ts: '2026-01-01', key: 'k' },
    { ts: 1, key: '' },
    { ts: 1, key: 'k', status: '200' },
  ]) {
    expect([valid(record), usageEventRecord.safeParse(record).success]).toEqual([false, false]);
  }
  expect(valid({ ts: 1, key: 'k', anything: true })).toBe(true);
});

test('config.schema.json takes the examples and refuses unknown names', () => {
  const valid = validator('config.schema.json');
  const config = join(__dirname, '..', 'config');
  for (const name of readdirSync(config)) expect(valid(parse(readFileSync(join(config, name), 'utf8')))).toBe(true);
  expect(valid({ source: { kind: 'stdin' } })).toBe(true);
  expect(valid({ source: { kind: 'stdin' }, sauce: {} })).toBe(false);
  expect(valid({ source: { kind: 'stdin' }, detect: { skew: 'long' } })).toBe(false);
});
