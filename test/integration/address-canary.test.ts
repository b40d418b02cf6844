import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine, enriching } from '../../src/app/core';
import { configSchema } from '../../src/config';
import { type AlertDocument, alertDocument } from '../../src/domain/alert';
import { inventoryOf, keyFacts } from '../../src/domain/inventory';
import type { Engine, LogEntry } from '../../src/engine';
import { createIngest } from '../../src/ingest/ingest';
import {
  documentsIn,
  easyPolicy,
  embedded,
  enforcing,
  environment,
  filesBelow,
  recordingReceiver,
} from '../support/embedded';
import { temporaryDirectories } from '../support/files';
import { formatOfSample, goldenSamples, goldenStream } from '../support/golden-streams';
import { keywatch } from '../support/keywatch';
import { leakyFormats, leakyIngest, traffic } from '../support/leaky-formats';

const OWNER = '93.184.216.34';
const THIEF = '177.71.128.9';
const modes = ['truncate', 'hash', 'drop'] as const;

process.env.KEYWATCH_PEPPER = environment.KEYWATCH_PEPPER;
const configOf = (mode: string, format: string) =>
  configSchema.parse({
    source: { kind: 'stdin' },
    ingest: { format, ...leakyIngest[format], pepperFrom: 'env:KEYWATCH_PEPPER' },
    privacy: { addresses: mode },
    policy: easyPolicy,
  });

/** Takes the lines in; answers all that came out of the core, as text, and the alerts. */
function take(mode: string, format: string, lines: readonly string[]) {
  const config = configOf(mode, format);
  const ingest = createIngest({ ...config.ingest, hashKey: (raw) => `h1:${raw.length}` });
  const enrich = enriching({ country: (ip) => (ip === THIEF ? 'BR' : 'US') }, config);
  const engine: Engine = createEngine(config, 0);
  // Somebody else's key is limited to a network, and a list names the thief's: both are judged by the whole address.
  const row = keyFacts.parse({ key: 'key-Own', cidrs: ['93.184.216.0/24'] });
  const lists = [{ name: 'bad', rule: true, networks: [`${THIEF}/32`] }];
  engine.advance([{ kind: 'inventory', inventory: inventoryOf([row], lists, 'd') }]);
  let text = '';
  const alerts: AlertDocument[] = [];
  let placed = false;
  for (const [offset, line] of lines.entries()) {
    const entries: LogEntry[] = [];
    for (const result of ingest.ingest(Buffer.from(line)))
      if (result.kind === 'event') {
        // The records of some services have no address.
        placed ||= result.event.ip !== '';
        entries.push({ kind: 'event', offset, event: enrich(result.event, engine), timestamp: undefined });
      }
    const { alerts: told, requests } = engine.advance(entries, { next: offset + 1, cursor: '' });
    if (told.length + requests.length > 0) text += JSON.stringify([told, requests]);
    alerts.push(...told);
    // Events that wait for their time lie in a checkpoint as they are.
    if (offset === 5) text += Buffer.from(engine.checkpoint()).toString('latin1');
  }
  return { text: text + Buffer.from(engine.checkpoint()).toString('latin1'), alerts, placed };
}

/** What is kept does not depend on the format, so all of them are tried in one mode only. */
const tried = modes.flatMap((mode) =>
  goldenSamples.filter((_, i) => mode === 'hash' || i % 8 === 0).map((name) => [mode, name] as const),
);

test.each(tried)('%s, %s: in no alert, request and state', (mode, name) => {
  const { text, alerts, placed } = take(mode, formatOfSample(name), goldenStream(name));
  expect(alerts.length).toBeGreaterThan(0);
  for (const alert of alerts) alertDocument.parse(alert);
  for (const address of [OWNER, THIEF]) expect(text.includes(address)).toBe(false);
  if (mode !== 'truncate') expect(/177\.71\.|93\.184\./.exec(text)).toBeNull();
  const sources = alerts.flatMap(({ source, related }) => [source?.ip ?? [], related?.ip ?? []].flat());
  const hashes = alerts.flatMap(({ keywatch: { source_hash: hash = [] } }) => hash);
  for (const hash of hashes) expect(hash).toMatch(/^h1:[\w-]{8}\.[\w-]{8}\.[\w-]{8}$/);
  for (const source of sources) expect(['93.184.216.0', '177.71.128.0']).toContain(source);
  expect([sources.length > 0, hashes.length > 0]).toEqual([placed && mode === 'truncate', placed && mode === 'hash']);
  // Its place and the list that it is on were found before the address went.
  expect([text.includes('an address of the list bad'), text.includes('"country_iso_code":"BR"')]).toEqual([
    placed,
    placed,
  ]);
});

test.each(modes)('%s: limits of networks hold by the whole address', (mode) => {
  const lines = [...traffic()].map((request) => JSON.stringify(leakyFormats.keywatch(request)));
  const { text } = take(mode, 'keywatch', lines);
  expect(text.includes('an address outside the declared networks')).toBe(true);
  for (const address of ['177.71.128.9', '93.184.216.3', '93.184.216.4']) expect(text.includes(address)).toBe(false);
});

const makeDirectory = temporaryDirectories();

test.each(['hash', 'drop'])('run, %s: in no file, webhook, log line or metric', async (addresses) => {
  const dir = await makeDirectory();
  const receiver = await recordingReceiver();
  const paths = embedded(dir, {
    source: { kind: 'file', path: join(dir, 'access.log'), follow: false },
    ingest: { format: 'keywatch', pepperFrom: 'env:KEYWATCH_PEPPER' },
    privacy: { addresses },
    policy: easyPolicy,
    enforce: enforcing(receiver.url),
    log: { level: 'debug' },
  });
  const lines = [...traffic()].map((request) => {
    const record = leakyFormats.keywatch(request) as { ip: string; userAgent: string };
    // A client writes its address where it can.
    return JSON.stringify({ ...record, path: `/whois/${record.ip}`, userAgent: `${record.userAgent} (${record.ip})` });
  });
  const bad = ['{"ip":"177.71.128.9"', JSON.stringify({ ts: 'x', key: 'k', ip: '177.71.128.9' })];
  writeFileSync(join(dir, 'access.log'), `${[...lines, ...bad].join('\n')}\n`);
  const run = keywatch(['run', '-c', paths.config], environment);
  let pages = '';
  const url = await run.url();
  while (run.child.exitCode === null) {
    pages += await fetch(`${url}/metrics`).then(
      (answer) => answer.text(),
      () => '',
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect([await run.ended(), run.said()]).toEqual([0, run.said()]);
  await receiver.close();
  expect(documentsIn(paths.alerts).length).toBeGreaterThan(1);
  expect(receiver.bodies.length).toBeGreaterThan(0);
  expect(documentsIn(paths.deadLetters)).toHaveLength(2);
  const texts = [paths.alerts, paths.deadLetters, ...filesBelow(paths.state)].map(
    (path) => [path, readFileSync(path, 'latin1')] as const,
  );
  const all = [...texts, ['webhooks', receiver.bodies.join()], ['log', run.said() + run.printed()], ['metrics', pages]];
  for (const [what, text] of all)
    expect([what, /177\.71\.128|93\.184\.216/.exec(text)?.[0]]).toEqual([what, undefined]);
});
