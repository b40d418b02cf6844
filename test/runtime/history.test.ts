import fc from 'fast-check';
import type { AlertDocument } from '../../src/domain/alert';
import type { UsageEvent } from '../../src/domain/event';
import { createIngest } from '../../src/ingest/ingest';
import type { Place, RawRecord } from '../../src/ports';
import { type JournalEntry, Runtime, type RuntimeParts } from '../../src/runtime';
import type { History } from '../../src/runtime/history';
import { anEvent, DAY, HOUR, MINUTE, steadyFleet, T0, testEngine } from '../support/events';
import { countingTelemetry } from '../support/time';

const rules = [
  { name: 'odd', when: { risk: 1, confidence: 0, signs: 0, surprise: 0 }, action: 'alert' as const, for: HOUR },
];
const policy = { rules, tiers: [], defaultTier: 'standard' };

const theft = (key: string, from: number, ip: string, minutes: number) =>
  Array.from({ length: minutes }, (_, i) =>
    anEvent({ ts: from + i * MINUTE, key, ip, country: 'BR', userAgent: 'curl/8.5', status: 403 }),
  );
const END = T0 + 6 * DAY + 9 * HOUR;
/** Eight quiet days; `k1` was stolen long before the end of history, `k2` is at that moment, `k3` will be. */
const events: readonly UsageEvent[] = [
  ...steadyFleet(4, 8, 40 * MINUTE),
  anEvent({ ts: END - HOUR, key: 'young', ip: '198.51.100.9' }),
  ...theft('k1', T0 + 4 * DAY + 9 * HOUR, '177.71.128.9', 30),
  ...theft('k2', END - 20 * MINUTE, '181.30.10.9', 60),
  ...theft('k3', T0 + 7 * DAY + 9 * HOUR, '186.2.160.9', 30),
].sort((a, b) => a.ts - b.ts);
const historyEnds = events.findIndex(({ ts }) => ts >= END);
const lineOf = ({ ts, key, ip, method, path, status, userAgent, country }: UsageEvent) =>
  Buffer.from(JSON.stringify({ ts, key, ip, method, path, status, userAgent, country }));
const logOf = (stamped: boolean): readonly RawRecord[] =>
  events.map((event, offset) => ({ offset, value: lineOf(event), timestamp: stamped ? event.ts : undefined }));

function createDisk() {
  return {
    alerts: [] as AlertDocument[],
    checkpoints: new Map<number, Uint8Array>(),
    journal: [] as JournalEntry[],
    committed: undefined as Place | undefined,
    learned: [] as Parameters<History['learned']>[1][],
  };
}

async function start(disk: ReturnType<typeof createDisk>, log: readonly RawRecord[], history: boolean) {
  const time = { now: T0 };
  const parts: RuntimeParts = {
    source: 'memory',
    ingest: createIngest({ format: 'keywatch', keyIs: 'id', trustedProxies: [], maxRecordBytes: 1e6 }),
    enrich: (event) => event,
    engineFor: (partition) => testEngine({ partition, policy }),
    checkpoints: {
      load: async (partition) => disk.checkpoints.get(partition),
      save: async (partition, { pieces }) => void disk.checkpoints.set(partition, Buffer.concat(pieces)),
    },
    journal: {
      load: async () => [...disk.journal],
      append: async (entry) => void disk.journal.push(entry),
      prune: async (_, next) => {
        disk.journal = disk.journal.filter((entry) => entry.next >= next);
      },
    },
    inventories: { load: async () => Promise.reject(new Error('none')), save: async () => undefined },
    effects: {
      alerts: async (documents) => void disk.alerts.push(...documents),
      requests: async () => undefined,
      deadLetters: async () => undefined,
    },
    history: history ? { learned: (_, learned) => disk.learned.push(learned) } : undefined,
    clock: { now: () => time.now, sleep: async () => undefined },
    telemetry: countingTelemetry(),
    checkpointEveryMs: DAY,
    checkpointEveryRecords: 1e9,
    warn: () => undefined,
  };
  const runtime = new Runtime(parts);
  const place = await runtime.assigned(0, disk.committed);
  const slice = async (from: number, to: number, commits = true) => {
    time.now = events[from].ts;
    // At the first start the log ended where history does; later it always ends with the slice.
    const lag = Math.max(0, historyEnds - to);
    await runtime.slice({ partition: 0, records: log.slice(from, to), cursor: `c${to}`, start: `c${from}`, lag });
    if (commits) disk.committed = { next: to, cursor: `c${to}` };
  };
  return { runtime, slice, next: place?.next ?? 0 };
}

async function lives(deaths: readonly { readonly at: number; readonly commits: boolean }[], stamped = true) {
  const disk = createDisk();
  const log = logOf(stamped);
  let done = 0;
  for (const death of [...deaths, { at: log.length, commits: true }]) {
    const { runtime, slice, next } = await start(disk, log, true);
    for (let from = next; from < death.at; from += 150) {
      const to = Math.min(from + 150, death.at);
      await slice(from, to, death.commits || to < death.at);
    }
    done = Math.max(done, death.at);
    if (death.at === log.length) await runtime.close();
  }
  return disk;
}

const alertsOf = (documents: readonly AlertDocument[]) => documents.filter(({ event }) => event.kind === 'alert');
const told = (documents: readonly AlertDocument[]) => [...new Set(alertsOf(documents).map(({ user }) => user?.id))];

test('of history nobody is told; what is odd when it ends, and later, is told from the beginning', async () => {
  const { alerts, learned } = await lives([]);
  expect(told(alerts)).toEqual(['k2', 'k3']);
  expect(Date.parse(alerts[1]['@timestamp'])).toBeGreaterThanOrEqual(END);
  expect(alerts[1].keywatch.incident?.state).toBe('open');
  expect(alertsOf(alerts).every(({ event }) => event.sequence === 0 || event.severity > 21)).toBe(true);
  expect(learned).toHaveLength(1);
  // Told once, in facts that are those of the log, and before any alert.
  const [notice, ...others] = alerts.filter(({ event }) => event.action === 'history-learned');
  expect([notice, others]).toEqual([alerts[0], []]);
  expect(notice.user).toBeUndefined();
  expect(Date.parse(notice.event.end ?? '')).toBe(events[historyEnds - 1].ts);
  expect(notice.event.reason).toContain(`${learned[0].mature} keys are mature, ${5 - learned[0].mature} too young`);
  const [{ keys, mature, events: taken, from, until, young, alerts: withheld }] = learned;
  expect([keys, young.includes('young')]).toEqual([5, true]);
  expect(mature + young.length).toBe(5);
  expect(taken).toBeGreaterThan(300);
  expect([from, until]).toEqual([Math.floor(events[0].ts / 1000) * 1000, events[historyEnds - 1].ts]);
  expect(withheld).toBeGreaterThan(0);
});

test('without the setting all of it is judged', async () => {
  const disk = createDisk();
  const { slice } = await start(disk, logOf(true), false);
  for (let from = 0; from < events.length; from += 150) await slice(from, Math.min(from + 150, events.length));
  expect(told(disk.alerts)).toEqual(['k1', 'k2', 'k3']);
  expect(disk.learned).toEqual([]);
});

test('a file, which knows only roughly what waits: until nothing does', async () => {
  const { alerts, learned } = await lives([], false);
  expect(learned).toHaveLength(1);
  expect(told(alerts)).toContain('k3');
  expect(told(alerts)).not.toContain('k1');
});

test('killed anywhere: the same alerts, the same state', async () => {
  const whole = await lives([]);
  const ids = (disk: typeof whole) => [...new Set(disk.alerts.map(({ event }) => event.id))].sort();
  const death = fc.record({ at: fc.integer({ min: 1, max: events.length - 1 }), commits: fc.boolean() });
  const near = fc.record({ at: fc.integer({ min: historyEnds - 3, max: historyEnds + 3 }), commits: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(death, near), { minLength: 1, maxLength: 3 }), async (deaths) => {
      const disk = await lives([...deaths].sort((a, b) => a.at - b.at));
      expect(ids(disk)).toEqual(ids(whole));
      expect(Buffer.from(disk.checkpoints.get(0)!).equals(Buffer.from(whole.checkpoints.get(0)!))).toBe(true);
    }),
    { numRuns: 15 },
  );
});
