import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicKeysOf } from '../../src/adapters/audit/key';
import type { AuditRecord } from '../../src/adapters/audit/line';
import { verifyAudit } from '../../src/adapters/audit/verify';
import { withoutRecordsOnly } from '../../src/adapters/routing/quiet';
import { openAudit } from '../../src/app/live/audit';
import type { House } from '../../src/app/live/house';
import { configSchema } from '../../src/config';
import { type AlertDocument, alertDocument } from '../../src/domain/alert';
import { inventoryOf } from '../../src/domain/inventory';
import { NOON, segmentFiles } from '../support/audit';
import { temporaryDirectories } from '../support/files';
import { createVirtualClock, turnOver } from '../support/virtual-clock';

const directory = temporaryDirectories();

async function start(dir: string, settings: object = {}) {
  const config = configSchema.parse({ source: { kind: 'stdin' }, state: { dir }, ...settings });
  const clock = createVirtualClock(NOON);
  const closing: (() => Promise<unknown>)[] = [];
  const parts: House['parts'] = [];
  const told: AlertDocument[] = [];
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const house = {
    config,
    context: { version: '9.9.9', stop: new AbortController().signal },
    clock,
    log,
    parts,
    closing,
    patience: { ended: () => false },
  } as unknown as House;
  const auditing = await openAudit(house, async (documents) => void told.push(...documents));
  const stop = async () => {
    for (const close of closing.reverse()) await close();
  };
  return { auditing, clock, told, stop, parts };
}

const records = (dir: string): AuditRecord[] =>
  segmentFiles(join(dir, 'audit')).flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line)),
  );

const kinds = (dir: string) => records(dir).filter(({ kind }) => kind !== 'head');

test('start and stop, and which sections of the configuration changed in between, values never', async () => {
  const dir = await directory();
  await (await start(dir)).stop();
  const enforce = { protectedKeys: ['k_secret_customer'] };
  await (await start(dir, { enforce, policy: { defaultTier: 'gold' } })).stop();
  await (await start(dir, { policy: { defaultTier: 'gold' }, enforce })).stop();
  expect(kinds(dir).map(({ kind, subject, detail }) => [kind, subject, detail.changed ?? ''])).toEqual([
    ['start', '', []],
    ['stop', '', ''],
    ['start', '', ['enforce', 'policy']],
    ['config', 'enforce', ''],
    ['policy', 'policy', ''],
    ['stop', '', ''],
    ['start', '', []],
    ['stop', '', ''],
  ]);
  expect(kinds(dir)[0].detail).toMatchObject({ version: '9.9.9', mode: 'dry-run', first: true });
  expect(kinds(dir)[6].detail.config).toBe(kinds(dir)[2].detail.config);
  expect(JSON.stringify(records(dir))).not.toMatch(/k_secret_customer|gold/);
});

test('heads go to the outputs, where they are the witness of what is cut off later', async () => {
  const dir = await directory();
  const { auditing, clock, told, stop } = await start(dir);
  await turnOver();
  await clock.advance(3_600_000);
  await auditing.tick();
  await turnOver(20);
  await stop();
  expect(told.map(({ event }) => [event.action, event.sequence])).toEqual([
    ['audit-head', 2],
    ['audit-head', 4],
  ]);
  expect(told.map((document) => alertDocument.safeParse(document).success)).toEqual([true, true]);
  const publicKeys = publicKeysOf(readFileSync(join(dir, 'audit', 'public-key.pem'), 'utf8'));
  const { chain, sequence, hash } = told[1].keywatch.audit!;
  const files = segmentFiles(join(dir, 'audit'));
  const report = await verifyAudit({ files, publicKeys, witnesses: [{ chain, covers: sequence, hash }] });
  expect(report).toMatchObject({ fault: undefined, heads: 3 });
  // A notification that interrupts people does not get them.
  const shown: AlertDocument[] = [];
  const sink = {
    name: 'chat',
    write: async (d: readonly AlertDocument[]) => void shown.push(...d),
    close: async () => undefined,
  };
  await withoutRecordsOnly(sink).write([
    ...told,
    { ...told[0], event: { ...told[0].event, action: 'breaker-opened' } },
  ]);
  expect(shown).toHaveLength(1);
});

test('an inventory is recorded when it is another one, a command when it was taken', async () => {
  const dir = await directory();
  const saved: string[] = [];
  const store = {
    load: async () => inventoryOf([], [], ''),
    save: async ({ digest }: { digest: string }) => void saved.push(digest),
  };
  let live = 0;
  for (let life = 0; life < 2; life += 1) {
    const { auditing, stop } = await start(dir);
    const inventories = auditing.inventories(store);
    await inventories.save(inventoryOf([], [], 'd1'));
    await inventories.save(inventoryOf([], [], 'd1'));
    const runtime = auditing.commands({ declare: () => undefined, command: async () => live });
    const expectation = { type: 'expect', key: 'k1', facets: ['client'], until: NOON, by: 'anna' } as const;
    await runtime.command({ ...expectation, facets: [...expectation.facets] });
    live = 2;
    await stop();
  }
  expect(saved).toEqual(['d1', 'd1', 'd1', 'd1']);
  const own = kinds(dir).filter(({ kind }) => kind === 'inventory' || kind === 'command');
  expect(own.map(({ kind, by, subject }) => [kind, by, subject])).toEqual([
    ['inventory', 'keywatch', 'inventory'],
    ['command', 'anna', 'k1'],
  ]);
  expect(own[1].detail).toEqual({
    type: 'expect',
    facets: ['client'],
    until: new Date(NOON).toISOString(),
    partitions: 2,
  });
});
