import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Fault, faultText, type LoadOptions, loadConfig, readConfig } from '../../src/adapters/config-file';

const faultsOf = (text: string, options: LoadOptions = { checkFiles: false }): Fault[] => {
  const result = readConfig(text, options);
  return result.ok ? [] : [...result.faults];
};

const lines = (text: string, options?: LoadOptions): string[] =>
  faultsOf(text, options).map((fault) => `${fault.line ?? '-'} ${faultText(fault)}`);

const source = 'source: { kind: stdin }\n';

describe('a sound configuration', () => {
  test('gives values with defaults, durations in milliseconds, and where each comes from', () => {
    const result = readConfig(
      'source:\n  kind: kafka\n  brokers: ["kafka-1:9092"]\n  topic: usage\ndetect:\n  skew: 90s\n',
    );
    if (!result.ok) throw new Error('refused');
    expect(result.config.detect.skew).toBe(90_000);
    expect(result.config.enforce.mode).toBe('dry-run');
    const origin = new Map(result.origins.map((value) => [value.path, [value.text, value.origin]]));
    expect(origin.get('source.brokers[0]')).toEqual(['"kafka-1:9092"', 'file']);
    expect(origin.get('detect.skew')).toEqual(['"90s"', 'file']);
    expect(origin.get('detect.lateness')).toEqual(['"2h"', 'default']);
    expect(origin.get('policy.rules[0].for')).toEqual(['"1h"', 'default']);
    expect(origin.get('policy.rules[0].when.signs')).toEqual(['2', 'default']);
    expect(origin.get('source.follow')).toBeUndefined();
  });

  test('may be JSON, tabs and all', () => {
    const result = readConfig('{\n\t"source": { "kind": "file",\n\t\t"path": "access.ndjson" }\n}');
    expect(result).toMatchObject({
      ok: true,
      config: { source: { kind: 'file', path: 'access.ndjson', follow: true } },
    });
  });

  test('may share a part by an alias', () => {
    const text = `source: { kind: kafka, brokers: &brokers ["a:1"], topic: in }
alerts: [{ kind: kafka, brokers: *brokers, topic: out }]`;
    expect(readConfig(text)).toMatchObject({ ok: true, config: { alerts: [{ brokers: ['a:1'] }] } });
  });
});

describe('faults', () => {
  test('come all at once, in the order of the file, with path, value, expectation and what was meant', () => {
    const text = `source:
  kind: kafka
  brokers: [localhost]
  topic: usage
  start: yesterday
  sesionTimeout: 10s
detect:
  skew: 10 minutes
  maxKeys: 0.5
policy:
  rules:
    - { name: Theft, action: suspnd }
enforce:
  mode: enforce
  breaker: { share: 2 }
alerts: []
`;
    expect(lines(text)).toEqual([
      '3 source.brokers[0]: found "localhost"; expected host:port',
      '5 source.start: found "yesterday"; expected earliest, latest, or an RFC 3339 time',
      '6 source.sesionTimeout: found "10s"; there is no setting of this name here (did you mean sessionTimeout?)',
      '8 detect.skew: found "10 minutes"; expected a duration such as 90s, 15m, 1h or 7d',
      '9 detect.maxKeys: found 0.5; expected a whole number',
      '12 policy.rules[0].name: found "Theft"; expected lower-case letters, digits and dashes',
      '12 policy.rules[0].action: found "suspnd"; expected one of observe, alert, rate-limit, step-up, suspend, revoke (did you mean suspend?)',
      '14 enforce.webhook: found nothing; required (or enforce.via) when enforce.mode is enforce',
      '15 enforce.breaker.share: found 2; expected at most 1',
      '16 alerts: found []; expected at least 1 items',
    ]);
  });

  test('name what is missing and what kinds there are', () => {
    expect(lines('detect: {}')).toEqual(['- source: found nothing; required; expected a map']);
    expect(lines('source: { kind: kafak }')).toEqual([
      '1 source.kind: found "kafak"; expected one of kafka, file, stdin (did you mean kafka?)',
    ]);
    expect(lines('source: { kind: kafka }')).toEqual([
      '1 source.brokers: found nothing; required; expected a list',
      '1 source.topic: found nothing; required; expected a text',
    ]);
    expect(lines(`${source}mode: enforce`).join()).toContain('(there is detect.model.mode and enforce.mode)');
    expect(lines(`${source}http:`)).toEqual(['2 http: found an empty value; expected a map']);
  });

  test.each([
    ['an empty file', '', 'the file is empty'],
    ['a scalar', 'hello', 'expected a map'],
    ['a repeated name', `${source}log: {}\nlog: {}`, 'given twice'],
    ['a tag', `${source}log: !js/function "x"`, 'tags'],
    ['a known tag', `${source}log: !!binary aGk=`, 'tags'],
    ['several documents', `${source}---\n${source}`, 'one YAML document'],
    ['an alias without anchor', `${source}log: *none`, 'alias'],
    ['an open quote', `${source}log: "whsec_c2VjcmV0`, 'closing quote'],
    ['__proto__', `${source}detect: { detectors: { __proto__: { enabled: true } } }`, 'not allowed'],
    ['__proto__ in JSON', '{"source":{"kind":"stdin"},"__proto__":{"mode":"enforce"}}', 'not allowed'],
    ['__proto__ escaped', '{"source":{"kind":"stdin"},"\\u005f_proto__":{}}', 'not allowed'],
    ['a name that is an alias', `${source}log: &x level\n*x : 1`, 'not allowed'],
    ['brackets without end', '['.repeat(500_000), 'nested'],
    ['dashes without end', `${'- '.repeat(400_000)}x`, 'nested'],
  ])('%s is refused', (_, text, expected) => {
    expect(lines(text).join('\n')).toContain(expected);
  });

  test('an alias bomb is refused without being unfolded', () => {
    let bomb = 'a0: &a0 [x, x, x, x, x, x, x, x, x]\n';
    for (let i = 1; i < 10; i++)
      bomb += `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]\n`;
    expect(lines(bomb).join('\n')).toContain('aliases multiply');
  });

  test('never show a secret, wherever somebody put it', () => {
    const canary = 'Canary7Secret9Value3';
    const text = `source:
  kind: kafka
  brokers: ["https://user:${canary}@kafka:9092/x?token=${canary}"]
  topic: usage
  sasl: { mechanism: plain, username: u, password: ${canary}, passwordFrom: ${canary} }
ingest: { pepperFrom: whsec_${canary}, pepper: [${canary}], format: eyJ${canary} }
enforce: { webhook: { url: "http://me:${canary}@receiver/hook?key=${canary}", secretFrom: ${canary}, secret: ${canary} } }
apiKey: ${canary}
log: { level: 0123456789abcdef${canary} }
`;
    const found = faultsOf(text, {});
    expect(found.length).toBeGreaterThanOrEqual(9);
    expect(JSON.stringify(found)).not.toContain(canary);
    expect(JSON.stringify(faultsOf(`a: "${canary}\n - b: ${canary}: x\n\t- ${canary}`))).not.toContain(canary);
  });

  test('hold no control characters of the file', () => {
    const text = faultsOf(`${source}log: { level: "\\e[31mred\\x9b", "bad\\e[2Jname": 1 }`).map(faultText).join('');
    expect(text).toContain('log.level');
    expect(text).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
  });

  test('whatever the text, reading it ends in a configuration or in faults', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        const result = readConfig(text, { checkFiles: false });
        expect(result.ok || result.faults.length > 0).toBe(true);
      }),
    );
  });
});

describe('what no single field can tell', () => {
  test.each([
    ['one weak sign', '{ name: a, action: suspend, when: { risk: 90, signs: 1 } }', 'signs to 2 or more'],
    ['no sign', '{ name: a, action: suspend }', 'signs to 2 or more'],
    ['rule: false', '{ name: a, action: suspend, when: { rule: false } }', 'signs to 2 or more'],
    [
      'a suspension shorter than its delivery',
      '{ name: a, action: suspend, when: { signs: 2 }, for: 10m }',
      'notAfter',
    ],
    ['an unknown tier', '{ name: a, action: alert, when: { tiers: [standrad] } }', 'did you mean standard?'],
  ])('a rule with %s is refused', (_, rule, expected) => {
    expect(lines(`${source}policy: { rules: [${rule}] }`).join()).toContain(expected);
  });

  test('two signs or a hard rule may suspend', () => {
    const rules =
      '[{ name: a, action: suspend, when: { signs: 2 } }, { name: b, action: suspend, when: { rule: true } }]';
    expect(lines(`${source}policy: { rules: ${rules} }`)).toEqual([]);
  });

  test.each([
    [
      'two rules of one name',
      'policy: { rules: [{ name: a, action: alert }, { name: a, action: observe }] }',
      'rules[0]',
    ],
    ['plain http', 'enforce: { webhook: { url: "http://r/", secretFrom: "env:S" } }', 'allowHttp'],
    ['a password in the address', 'enforce: { webhook: { url: "https://u:p@r/", secretFrom: "env:S" } }', 'no user'],
    [
      'a timeout past the end',
      'enforce: { notAfter: 1m, webhook: { url: "https://r/", secretFrom: "env:S", timeout: 2m } }',
      'notAfter',
    ],
    ['no time at all', 'state: { checkpointEvery: 0s }', 'more than zero'],
    ['raw keys without a pepper', 'ingest: { keyIs: secret }', 'pepperFrom'],
    ['a mapped format without a mapping', 'ingest: { format: mapping }', 'mapping'],
    ['a mapping that is not used', 'ingest: { mapping: { time: ts, key: k } }', 'format is mapping'],
    [
      'mapped raw keys without a pepper',
      'ingest: { format: mapping, mapping: { time: ts, key: k, keyType: secret } }',
      'pepperFrom',
    ],
    [
      'two places of the key',
      'ingest: { format: mapping, keyField: k, mapping: { time: ts, key: k } }',
      'ingest.mapping.key',
    ],
    ['a path that is none', 'ingest: { format: mapping, mapping: { time: a..b, key: k } }', 'expected a path such as'],
    ['an impossible CIDR', 'ingest: { trustedProxies: [10.0.0.0/33] }', 'CIDR'],
    ['an impossible port', 'deadLetters: [{ kind: kafka, brokers: ["a:70000"], topic: t }]', '65535'],
    [
      'half a client certificate',
      'alerts: [{ kind: kafka, brokers: ["a:1"], topic: t, tls: { certFile: c } }]',
      'keyFile',
    ],
    [
      'two outputs in one file',
      'alerts: [{ kind: file, path: x }]\ndeadLetters: [{ kind: file, path: x }]',
      'alerts[0]',
    ],
  ])('%s is refused', (_, text, expected) => {
    expect(lines(source + text).join()).toContain(expected);
  });

  test('alerts do not go where the usage log comes from', () => {
    const text = `source: { kind: kafka, brokers: ["a:1", "b:1"], topic: usage }
alerts: [{ kind: kafka, brokers: ["b:1"], topic: usage }]`;
    expect(lines(text)).toEqual([
      '2 alerts[0].topic: found "usage"; expected a place of its own; source uses the same',
    ]);
  });

  test('a tag must be known or whole, and its detector one that there is', () => {
    const text = (tags: string) => `${source}alerting:\n  tags:\n    ${tags}\n`;
    expect(lines(text('volume: [T1078.004, "API4:2023"]'))).toEqual([]);
    expect(lines(text('volume: [{ id: T1999, name: New, tactic: { id: TA0040, name: Impact } }]'))).toEqual([]);
    expect(lines(text('volume: [T1078.04]'))).toEqual([
      '4 alerting.tags.volume[0]: found "T1078.04"; expected an id that keywatch knows (docs/siem.md), or a whole technique with id, name and tactic (did you mean T1078.004?)',
    ]);
    expect(lines(text('volume: [{ id: T1999 }]'))[0]).toMatch(
      /an id such as T1078.004 or API2:2023, or a whole technique/,
    );
    expect(lines(text('volumes: []'), { checkFiles: false, detectors: ['volume'] })[0]).toMatch(/did you mean volume/);
  });

  test('a detector must be one that there is', () => {
    const text = `${source}detect: { detectors: { gegraphy: { enabled: false } } }`;
    expect(lines(text, { checkFiles: false, detectors: ['geography', 'volume'] }).join()).toContain('geography?');
    expect(lines(text, { checkFiles: false, detectors: ['gegraphy'] })).toEqual([]);
  });
});

describe('files and secrets', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'keywatch-config-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const webhook = (from: string) =>
    `${source}enforce: { mode: enforce, webhook: { url: "https://r/", secretFrom: "${from}" } }`;

  test('must be there when the process is to run', () => {
    writeFileSync(join(dir, 'secret'), 'hush\n');
    expect(lines(webhook(`file:${dir}/secret`), { environment: {} })).toEqual([]);
    expect(lines(webhook(`file:${dir}/none`), { environment: {} }).join()).toContain('cannot be read (ENOENT)');
    expect(lines(webhook('env:HOOK'), { environment: {} }).join()).toContain('HOOK is not set');
    expect(lines(webhook('env:HOOK'), { environment: { HOOK: 'x' } })).toEqual([]);
    const tls = `source: { kind: kafka, brokers: ["a:1"], topic: t, tls: { caFile: ${dir}/ca.pem } }`;
    expect(lines(tls, {}).join()).toContain('expected a readable file: ENOENT');
    expect(lines(tls, { checkFiles: false })).toEqual([]);
  });

  test('the configuration itself: missing, a directory, too large, not text', () => {
    const problem = (path: string) => {
      const result = loadConfig(path);
      return result.ok ? '' : result.faults.map(faultText).join();
    };
    writeFileSync(join(dir, 'large.yaml'), `#${'x'.repeat(1_048_576)}`);
    writeFileSync(join(dir, 'latin.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xe9]));
    expect(problem(join(dir, 'none.yaml'))).toContain('ENOENT');
    expect(problem(dir)).toContain('not a plain file');
    expect(problem(join(dir, 'large.yaml'))).toContain('larger than 1 MiB');
    expect(problem(join(dir, 'latin.yaml'))).toContain('not UTF-8');
  });
});

describe('routing and maintenance windows', () => {
  const output = (text: string) => lines(`${source}alerts:\n  - { ${text} }\n`);
  const window = (text: string) => lines(`${source}maintenance:\n  - { name: a, ${text} }\n`);

  test('a rate limit is for notifications only', () => {
    expect(output('kind: console, rateLimit: { documents: 5 }')).toEqual([]);
    expect(output('kind: file, path: a, rateLimit: { documents: 5 }')[0]).toMatch(/a record is kept whole/);
    expect(output('kind: file, path: a, record: false, rateLimit: { documents: 5 }')).toEqual([]);
    expect(output('kind: console, record: true, rateLimit: {}')[0]).toMatch(/a record is kept whole/);
    expect(output('kind: console, rateLimit: { window: 30s }')[0]).toMatch(/between 1m and 7d/);
    expect(output('kind: console, minSeverity: hi')[0]).toMatch(/one of low, medium, high, critical/);
  });

  test('a window is one span or weekly, in a zone that there is', () => {
    const weekly = 'weekly: { days: [sat], from: "22:00", to: "02:00", zone: Europe/Berlin }';
    expect(window(weekly)).toEqual([]);
    expect(window('from: 2026-03-01T22:00:00+01:00, to: 2026-03-02T02:00:00Z')).toEqual([]);
    expect(window('match: { keys: [a] }')[0]).toMatch(/either from and to, or weekly/);
    expect(window(`from: 2026-03-01T22:00:00Z, ${weekly}`)[0]).toMatch(/either from and to, or weekly/);
    expect(window('from: 2026-03-01T22:00:00Z')[0]).toMatch(/maintenance\[0\]\.to: .*required beside/);
    expect(window('from: 2026-03-01T22:00:00Z, to: 2026-03-01T22:00:00+01:00')[0]).toMatch(/later than from/);
    expect(window(weekly.replace('Berlin', 'Berlon'))[0]).toMatch(/an IANA time zone/);
    expect(window(weekly.replace('22:00', '25:00'))[0]).toMatch(/a time of day such as/);
    expect(lines(`${source}maintenance:\n  - { name: a, ${weekly} }\n  - { name: a, ${weekly} }\n`)[0]).toMatch(
      /a name of its own/,
    );
  });
});
