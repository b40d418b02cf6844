import { openCanary } from '../../src/app/live/canary';
import type { House } from '../../src/app/live/house';
import { configSchema } from '../../src/config';
import type { AlertDocument } from '../../src/domain/alert';
import type { AuditEntry } from '../../src/domain/audit';
import type { Command, DirectCommand } from '../../src/domain/command';
import type { Engine, EngineSettings } from '../../src/engine';
import type { IngestResult } from '../../src/ingest/ingest';
import { partitionOf } from '../../src/stats/murmur2';
import { anEvent, DAY, entriesOf, MINUTE, steadyFleet, T0, testEngine } from '../support/events';

const KEY = 'the-canary';

function home(over: Partial<EngineSettings> = {}) {
  const config = configSchema.parse({ source: { kind: 'stdin' }, canary: { key: KEY } });
  const parts: House['parts'] = [];
  const entries: AuditEntry[] = [];
  const told: AlertDocument[] = [];
  const results: string[] = [];
  const warned: string[] = [];
  const house = {
    config,
    parts,
    log: { warn: (text: string) => void warned.push(text) },
    telemetry: { canary: (result: string) => void results.push(result) },
  } as unknown as House;
  const canary = openCanary(house, { record: async (entry) => void entries.push(entry) });
  const tell = canary.tell(async (documents) => void told.push(...documents));
  const make = () => canary.watch(0, testEngine(over));
  let engine: Engine = make();
  const issued: Command[] = [];
  const runtime = {
    activeKeys: () => [{ partition: 0, keys: 1, tenants: () => new Map<string, number>() }],
    command: async (command: Command) => {
      issued.push(command);
      const { alerts } = engine.advance([{ kind: 'command', command: command as DirectCommand }]);
      if (alerts.length > 0) await tell(alerts);
      return 1;
    },
  };
  const crash = (bytes: Uint8Array) => {
    engine = make();
    engine.restore(bytes);
  };
  return { canary, runtime, parts, entries, told, results, warned, issued, crash, engine: () => engine };
}

/** Days of traffic, with a look of the keeper every five minutes of it. */
async function live(h: ReturnType<typeof home>, from: number, to: number, looks = true) {
  const all = entriesOf(steadyFleet(12, to));
  const timeOf = (entry: (typeof all)[number]) => (entry as { event: { ts: number } }).event.ts;
  const mine = all.filter((entry) => timeOf(entry) >= T0 + from * DAY);
  let at = 0;
  for (let now = T0 + from * DAY; now < T0 + to * DAY; now += 5 * MINUTE) {
    const begin = at;
    while (at < mine.length && timeOf(mine[at]) <= now) at += 1;
    h.engine().advance(mine.slice(begin, at));
    if (looks) await h.canary.tick(h.runtime);
  }
}

test('caught within its day, each day; recorded, counted, and ready', async () => {
  const h = home();
  await live(h, 0, 8);
  expect(h.results.slice(-4)).toEqual(['caught', 'caught', 'caught', 'caught']);
  expect(h.results).toHaveLength(7);
  expect(h.entries.at(-1)).toMatchObject({ kind: 'canary', subject: KEY, detail: { result: 'canary-caught' } });
  expect(h.parts.map((part) => part.problem())).toEqual([undefined]);
});

test('with no detector it is told, once a day, and the process is not ready', async () => {
  const h = home({ detectors: [] });
  await live(h, 0, 6);
  expect(h.results.filter((result) => result === 'missed').length).toBeGreaterThanOrEqual(2);
  expect(h.told.at(-1)?.event).toMatchObject({ action: 'canary-missed', severity: 99 });
  expect(h.parts[0].problem()).toContain('detection is broken');
});

test('a theft that was due while the process was down comes at the next look, and a crash does not double it', async () => {
  const h = home();
  await live(h, 0, 5);
  const before = h.results.length;
  await live(h, 5, 7, false);
  const bytes = h.engine().checkpoint();
  await h.canary.tick(h.runtime);
  expect(h.results).toHaveLength(before + 1);
  const id = h.told.at(-1)!.event.id;
  // The state goes back to before the theft; the journal has its command.
  const theft = h.issued.at(-1)!;
  h.crash(bytes);
  await h.runtime.command(theft);
  expect(h.told.at(-1)!.event.id).toBe(id);
  await h.canary.tick(h.runtime);
  expect(h.results).toHaveLength(before + 2);
  expect(
    new Set(h.told.filter(({ event }) => event.action?.startsWith('canary-')).map(({ event }) => event.id)).size,
  ).toBe(before + 1);
});

test('what the log says of the key is left out, and a person is told once', () => {
  const h = home();
  const result = (key: string): IngestResult => ({ kind: 'event', index: 0, event: anEvent({ key }) });
  const ingest = h.canary.without({ ingest: (_: Buffer) => [result('k1'), result(KEY)] });
  expect([...ingest.ingest(Buffer.from('')), ...ingest.ingest(Buffer.from(''))]).toMatchObject([
    { event: { key: 'k1' } },
    { event: { key: 'k1' } },
  ]);
  expect(h.warned).toHaveLength(1);
});

test('without a canary nothing is done', async () => {
  const config = configSchema.parse({ source: { kind: 'stdin' } });
  const none = openCanary({ config } as unknown as House, { record: async () => undefined });
  const ingest = { ingest: () => [] };
  expect(none.without(ingest)).toBe(ingest);
});

test('beside an internal log it lives in the partition of its key, where the process has that one', async () => {
  const partitions = 8;
  const mine = partitionOf(KEY, partitions);
  const other = (mine + 1) % partitions;
  const config = configSchema.parse({
    source: { kind: 'kafka', brokers: ['k:9092'], topic: 't', group: 'g', log: { topic: 'l', partitions } },
    canary: { key: KEY },
  });
  const house = { config, parts: [], log: {}, telemetry: {} } as unknown as House;
  const canary = openCanary(house, { record: async () => undefined });
  for (const partition of [mine, other]) canary.watch(partition, readEngine());
  const issued: Command[] = [];
  const holding = (...held: number[]) => ({
    activeKeys: () => held.map((partition) => ({ partition, keys: 1, tenants: () => new Map<string, number>() })),
    command: async (command: Command) => issued.push(command),
  });
  await canary.tick(holding(other));
  expect(issued).toEqual([]);
  canary.watch(mine, readEngine());
  await canary.tick(holding(other, mine));
  expect(issued).toMatchObject([{ type: 'canary', key: KEY, partition: mine }]);
  // It has not come back through the log yet: it is not asked for once more.
  await canary.tick(holding(other, mine));
  expect(issued).toHaveLength(1);
});

/** An engine that has read a day. */
function readEngine(): Engine {
  const engine = testEngine();
  engine.advance(entriesOf(steadyFleet(2, 1)));
  return engine;
}
