import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { tellHead } from '../src/adapters/audit/notice';
import { faultText, readConfig } from '../src/adapters/config-file';
import { configShape, type Shape } from '../src/adapters/config-shape';
import { createMetrics } from '../src/adapters/metrics';
import { publishedSchemas } from '../src/adapters/schemas';
import { parseCommandLine } from '../src/bin/args';
import { exitCodes } from '../src/bin/exit-codes';
import { configSchema } from '../src/config';
import { tellGuessing } from '../src/decide/guessing-notice';
import { openIncident } from '../src/decide/incident';
import { tellOwner } from '../src/decide/owner-notice';
import { riskOf, severityOf } from '../src/decide/risk';
import { tellDifference } from '../src/decide/shadow';
import { tellTraffic } from '../src/decide/traffic-notice';
import { detectors } from '../src/detect/registry';
import { outcomeStates, rails } from '../src/domain/action';
import { facets } from '../src/domain/evidence';
import { rejectReasons } from '../src/domain/rejection';
import { noticesOf } from '../src/enforce/notice';
import { applyOutcomes, emptyState } from '../src/enforce/state';
import { tellCanary } from '../src/engine/canary-notice';
import { tellLearned } from '../src/engine/learned-notice';
import { createIngest } from '../src/ingest/ingest';
import { actionRequest, TEN } from './support/action-request';
import { anchorsOf, blocksOf, commandsOf, linksOf, rowsOf, sectionOf } from './support/markdown';

const root = join(__dirname, '..');
const names = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];
const pages = new Map(names.map((name) => [name, readFileSync(join(root, name), 'utf8')]));
const page = (name: string): string => pages.get(name) as string;
const blocks = names.flatMap((name) => blocksOf(page(name)).map((block) => ({ name, ...block })));
const jsonBlocks = blocks.filter(({ language }) => language === 'json').map((block) => JSON.parse(block.text));
const unquoted = (cell: string): string => cell.replaceAll('`', '');

test.each(names)('%s: every link leads somewhere, and to a heading that is there', (name) => {
  const dead = linksOf(page(name)).filter((link) => {
    if (/^https?:/.test(link)) return false;
    const [path, anchor] = link.split('#');
    const target = path === '' ? name : normalize(join(dirname(name), path));
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && !anchorsOf(page(target) ?? '').includes(anchor);
  });
  expect(dead).toEqual([]);
});

test('every page of docs/ is linked from the README', () => {
  for (const name of names.slice(1)) expect(linksOf(page('README.md'))).toContain(name);
});

describe('commands in shell blocks', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
  const shell = blocks.filter(({ language }) => language === 'sh' || language === 'console');
  const commands = shell.flatMap(({ name, language, text }) =>
    commandsOf(language === 'console' ? text.replace(/^(?!\$ ).*$/gm, '') : text).map((words) => ({ name, words })),
  );

  test('there are some', () => expect(commands.length).toBeGreaterThan(15));

  test.each(commands.map(({ name, words }) => [name, words.join(' '), words] as const))('%s: %s', (_, __, words) => {
    const [program, ...rest] = words;
    const known = ['curl', 'export', 'jq', 'node'];
    if (program === 'keywatch') expect(parseCommandLine(rest)).toMatchObject({ ok: true });
    else if (program === 'npm') {
      const script = rest[0] === 'run' ? rest[1] : rest[0];
      expect(['ci', ...Object.keys(scripts)]).toContain(script);
    } else expect(known).toContain(program);
  });
});

describe('examples of configuration', () => {
  const yaml = blocks.filter(({ language }) => language === 'yaml');
  test.each(yaml.map(({ name, text }) => [name, text.split('\n').slice(0, 4).join(' / '), text] as const))(
    '%s: %s …',
    (_, __, text) => {
      const loaded = readConfig(text, { checkFiles: false, detectors: detectors.map((detector) => detector.name) });
      expect(loaded.ok ? [] : loaded.faults.map(faultText)).toEqual([]);
    },
  );

  test('the rules said to be the default are the default', () => {
    const block = blocksOf(page('docs/configuration.md')).find(({ text }) => text.includes('are the default'));
    const { policy } = configSchema.parse(parse(block?.text ?? ''));
    expect(policy.rules.slice(1)).toEqual(configSchema.parse({ source: { kind: 'stdin' } }).policy.rules);
  });

  test('docker-compose.yml offers its broker to this machine alone', () => {
    const { services } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'));
    expect(services.kafka.ports).toEqual(['127.0.0.1:9092:9092']);
  });
});

describe('docs/configuration.md', () => {
  type Setting = readonly [name: string, value: string | undefined];
  const below = (name: string, path: string) => (path === '' ? name : `${path}.${name}`);

  /** Every setting as the page writes it, with its default; a list of maps has a row, its default is told in words. */
  const settingsOf = (
    shape: Shape & { required?: string[] },
    path: string,
    kind: string,
    needed: boolean,
  ): Setting[] => {
    const own = kind === '' ? path : `${path} (${kind})`;
    if (shape.oneOf) return shape.oneOf.flatMap((one) => settingsOf(one, path, kindOf(one), needed));
    if (shape.properties) {
      const required = shape.required ?? [];
      return Object.entries(shape.properties).flatMap(([name, inner]) =>
        settingsOf(inner, below(name, path), kind, required.includes(name)),
      );
    }
    if (shape.items?.properties || shape.items?.oneOf) {
      return [[own, undefined], ...settingsOf(shape.items, `${path}[]`, kind, true)];
    }
    if (typeof shape.additionalProperties === 'object') {
      return settingsOf(shape.additionalProperties, `${path}.<name>`, kind, false);
    }
    const value = shape.default === undefined ? (needed ? '**required**' : '–') : textOf(shape.default);
    return [[own, value]];
  };
  const kindOf = (shape: Shape) => String(shape.properties?.kind?.const ?? '');
  const textOf = (value: unknown) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

  /** `(any)` behind a name: an output of whatever kind; `(a, b)`: one of each. */
  const outputKinds = (configShape.properties?.alerts?.items?.oneOf ?? []).map(kindOf);
  const rows = rowsOf(page('docs/configuration.md')).flatMap(([first, value]) => {
    const name = unquoted(first);
    const [, setting, kinds] = /^((?:alerts\[\]|enforce\.via)\.\S+) \((any|[\w-]+, .+)\)$/.exec(name) ?? [];
    if (kinds !== undefined) {
      const ends = kinds === 'any' ? outputKinds : kinds.split(', ');
      return ends.map((kind) => [`${setting} (${kind})`, value] as const);
    }
    if (!name.startsWith('*.')) return [[name, value] as const];
    return ['source', 'alerts[]', 'deadLetters[]'].map((end) => [name.replace('*', end), value] as const);
  });
  const settings = settingsOf(configShape, '', '', true);

  test('names every setting once, and nothing else', () => {
    expect(rows.map(([name]) => name).sort()).toEqual(settings.map(([name]) => name).sort());
  });

  test('gives every default', () => {
    const given = new Map(rows);
    const wanted = settings.filter(([, value]) => value !== undefined);
    expect(wanted.map(([name]) => [name, given.get(name)])).toEqual(wanted);
  });
});

describe('docs/alerts.md', () => {
  const alerts = page('docs/alerts.md');

  test('has every field of the schema, and no other', () => {
    const fieldsOf = (shape: Shape, path: string): string[] => {
      if (shape.items?.properties) return fieldsOf(shape.items, `${path}[]`);
      if (!shape.properties) return [path];
      return Object.entries(shape.properties).flatMap(([name, inner]) =>
        fieldsOf(inner, path === '' ? name : `${path}.${name}`),
      );
    };
    const fields = fieldsOf(publishedSchemas()['alert.schema.json'] as Shape, '');
    expect(rowsOf(sectionOf(alerts, '## Fields')).map(([first]) => unquoted(first))).toEqual(fields);
  });

  test('its table of risk is what the code says', () => {
    const table = [...alerts.matchAll(/^\| ([\d.]+) \| ([\d,]+) \| ([\d.]+) \| (\d+) \|$/gm)];
    expect(table.length).toBeGreaterThan(5);
    for (const [, surprise, days, risk, severity] of table) {
      const wanted = riskOf(Number(surprise));
      expect([surprise, Number(days.replaceAll(',', '')), Number(risk), Number(severity)]).toEqual([
        surprise,
        Math.round(10 ** Number(surprise)),
        wanted,
        severityOf(wanted),
      ]);
    }
  });

  test('has every notice with its severity', () => {
    const accepted = { requestId: 'r', state: 'accepted' as const, at: TEN, notAfter: TEN, until: TEN };
    const live = applyOutcomes(emptyState, [{ ...accepted, request: actionRequest({ id: 'r' }) }]);
    const told = [...outcomeStates, 'opened' as const].flatMap((state) => {
      if (state === 'accepted') return [];
      const rail = state === 'opened' ? ('breaker-count' as const) : undefined;
      const outcome = { requestId: 'r', state: state === 'opened' ? ('held' as const) : state, at: TEN, rail };
      const before = state === 'held' || state === 'opened' ? emptyState : live;
      return noticesOf(before, [{ ...outcome, request: actionRequest() }], 'enforce');
    });
    const guessing = { network: '203.0.113.0/24', ip: '203.0.113.9', country: '', keys: 20, from: TEN, until: TEN };
    const moved = { subject: 'fleet', name: '', measure: 'keys', saw: 0, expected: 0, nearest: 0, since: TEN } as const;
    const at = new Date(TEN).toISOString();
    const head = { chain: '', start: 1, covers: 1, hash: '', every: 1, at, key: '', signature: '' };
    const incident = openIncident({ key: 'k', actor: 0, keyKind: 'hash', keyName: '', tenant: '', tier: '' }, TEN);
    const difference = { live: 'alert', shadow: 'suspend', rule: 'a', shadowRule: 'b' } as const;
    const traffic = { from: TEN, until: TEN, surprise: 1, movements: [moved] };
    const wanted = new Set(
      [
        ...told,
        tellGuessing(guessing, 0, 'enforce'),
        tellTraffic(traffic, 0, 'enforce'),
        ...(['caught', 'missed', 'unsettled'] as const).map((result) => tellCanary(result, 'k', TEN, 0, 'enforce')),
        tellHead(head, 'enforce'),
        ...(['this-was-me', 'suspend-now'] as const).map((action) =>
          tellOwner({ action, key: 'k', linkId: 'l', result: '', at: TEN }, 'enforce'),
        ),
        tellLearned({ keys: 1, mature: 1, events: 1, from: TEN, until: TEN, young: [] }, 0, 'enforce'),
        tellDifference(incident, difference, TEN, 'enforce')!,
      ].map(({ event }) => `${event.action} ${event.severity}`),
    );
    const notices = sectionOf(alerts, '## Notices');
    const rows = rowsOf(notices).map(([first, second]) => [unquoted(first), second]);
    expect(new Set(rows.map((row) => row.join(' ')))).toEqual(wanted);
  });

  test('the rails are told in the order in which they are met', () => {
    const told = rowsOf(sectionOf(page('docs/enforcement.md'), '## Rails')).map(([name]) => unquoted(name));
    expect(told).toEqual([...rails]);
  });

  test('the alerts shown anywhere keep to the published schema', () => {
    const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
    addFormats(ajv);
    const valid = ajv.compile(publishedSchemas()['alert.schema.json']);
    const shown = jsonBlocks.filter((block) => 'ecs' in block);
    expect(shown.length).toBeGreaterThan(0);
    for (const alert of shown) expect([valid(alert), valid.errors]).toEqual([true, null]);
  });
});

test('docs/formats.md has every reason of rejection, and its record is one', () => {
  const section = sectionOf(page('docs/formats.md'), '## What cannot be read');
  expect(
    rowsOf(section)
      .map(([first]) => unquoted(first))
      .sort(),
  ).toEqual([...rejectReasons].sort());
  const ajv = new Ajv2020({ strict: true });
  addFormats(ajv);
  const valid = ajv.compile(publishedSchemas()['usage-event.schema.json']);
  const records = jsonBlocks.filter((block) => 'ts' in block);
  expect(records.map((record) => valid(record))).toEqual([true]);
});

test('what NGINX writes by the recipes of docs/formats.md is read, with key, client and agent', () => {
  const variables: Readonly<Record<string, string>> = {
    time_iso8601: '2026-11-24T10:00:00+00:00',
    time_local: '24/Nov/2026:10:00:00 +0000',
    remote_addr: '10.0.0.7',
    remote_user: '-',
    http_x_forwarded_for: '203.0.113.9',
    request: 'GET /v1/invoices/8412 HTTP/1.1',
    request_method: 'GET',
    uri: '/v1/invoices/8412',
    status: '200',
    bytes_sent: '512',
    body_bytes_sent: '512',
    request_time: '0.004',
    http_referer: '-',
    http_user_agent: 'curl/8.9.1',
    request_id: '2f69a1c07cf5f04a2f1b0f5d1c9d7e11',
    http_x_consumer_id: 'acme',
  };
  const recipes = blocksOf(page('docs/formats.md')).filter(({ language }) => language === 'nginx');
  const events = recipes.map(({ text }) => {
    const format = [...text.matchAll(/'([^']*)'/g)].map(([, part]) => part).join('');
    const line = format.replace(/\$(\w+)/g, (_, name) => variables[name] ?? `unknown variable ${name}`);
    const ingest = createIngest({
      format: 'auto',
      keyIs: 'auto',
      trustedProxies: ['10.0.0.0/8'],
      maxRecordBytes: 10_000,
    });
    return ingest.ingest(Buffer.from(line));
  });
  const event = { key: 'acme', ip: '203.0.113.9', userAgent: 'curl/8.9.1', route: '/v1/invoices/{id}', status: 200 };
  expect(events).toMatchObject([[{ kind: 'event', event }], [{ kind: 'event', event }]]);
});

test('docs/detection.md has every detector with its facet', () => {
  const rows = rowsOf(sectionOf(page('docs/detection.md'), '## Detectors'));
  expect(rows.map(([name, facet]) => [unquoted(name), unquoted(facet)]).sort()).toEqual(
    detectors.map(({ name, facet }) => [name, facet]).sort(),
  );
  for (const facet of facets) expect(page('docs/alerts.md')).toContain(`\`${facet}\``);
});

describe('docs/operations.md', () => {
  test('its table of metrics is the registry', async () => {
    const { telemetry, log, text } = createMetrics({ version: '1', now: () => 0, process: false });
    telemetry.records(0, 1, 1);
    telemetry.watermark(0, 0);
    telemetry.lag(0, 1);
    log.waiting(0, 1);
    telemetry.state(0, 1, 1);
    telemetry.undeclared(0, 1);
    telemetry.model('default', 'shadow', true);
    telemetry.modelLook('default', 'shadow', 1);
    telemetry.mature(0, 1);
    telemetry.learning(0, true);
    telemetry.checkpointed(0, 0);
    telemetry.alert('alert', 47);
    telemetry.difference('alert', 'suspend');
    telemetry.delivery('file', 'written', 1);
    const served = await text();
    const labels = new Map<string, Set<string>>();
    for (const [, name, list] of served.matchAll(/^(keywatch_\w+?)(?:_bucket)?\{(.*)\} /gm)) {
      const known = labels.get(name) ?? labels.set(name, new Set()).get(name)!;
      for (const [, label] of list.matchAll(/(\w+)="/g)) if (label !== 'le') known.add(label);
    }
    const wanted = [...served.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [
      name,
      type,
      [...(labels.get(name) ?? [])].join(', '),
    ]);
    const rows = rowsOf(sectionOf(page('docs/operations.md'), '## Metrics'));
    expect(rows.map((row) => row.slice(0, 3).map(unquoted)).sort()).toEqual(wanted.sort());
  });

  test('its exit codes are the ones there are', () => {
    const section = sectionOf(page('docs/operations.md'), '## Exit codes');
    const codes = [...section.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, list]) => list.split(',').map(Number));
    expect(codes).toEqual([...Object.values(exitCodes), 130, 143]);
  });
});
