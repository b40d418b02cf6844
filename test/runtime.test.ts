import fc from 'fast-check';
import { sealed } from '../src/adapters/inventory/seal';
import type { ActionRequest } from '../src/domain/action';
import type { AlertDocument } from '../src/domain/alert';
import type { Command } from '../src/domain/command';
import type { UsageEvent } from '../src/domain/event';
import { type Inventory, keyFacts } from '../src/domain/inventory';
import type { DeadLetter } from '../src/domain/rejection';
import { createIngest } from '../src/ingest/ingest';
import type { Place, RawRecord } from '../src/ports';
import { type JournalEntry, Runtime, type RuntimeParts } from '../src/runtime';
import { anEvent, DAY, HOUR, MINUTE, steadyFleet, T0, testEngine } from './support/events';
import { countingTelemetry } from './support/time';

const rules = [
  { name: 'any', when: { risk: 1, confidence: 0, signs: 2, surprise: 0.1 }, action: 'suspend' as const, for: HOUR },
  { name: 'odd', when: { risk: 1, confidence: 0, signs: 0, surprise: 0 }, action: 'alert' as const, for: HOUR },
];
const policy = { rules, tiers: [], defaultTier: 'standard' };

/** Six quiet days of four keys, then two of them in other hands, then quiet again. */
const events: readonly UsageEvent[] = (() => {
  const quiet = steadyFleet(4, 8, 40 * MINUTE);
  const stolen = Array.from({ length: 40 }, (_, i) =>
    anEvent({
      ts: T0 + 6 * DAY + 9 * HOUR + i * 7_000,
      key: `k${(i % 2) + 1}`,
      ip: '177.71.128.9',
      country: 'BR',
      userAgent: 'curl/8.5',
      status: 403,
    }),
  );
  return [...quiet, ...stolen].sort((a, b) => a.ts - b.ts);
})();
const lineOf = ({ ts, key, ip, method, path, status, userAgent, bytes, country }: UsageEvent) =>
  Buffer.from(JSON.stringify({ ts, key, ip, method, path, status, userAgent, bytes, country }));
const log: readonly RawRecord[] = events.map((event, offset) => ({
  offset,
  value: offset % 97 === 50 ? Buffer.from('no record') : lineOf(event),
  timestamp: event.ts,
}));

/** Before and just after the first alerts, where a tick makes the most of a difference. */
const stolenAt = events.findIndex(({ country }) => country === 'BR');

/** What outlives a process. */
function createDisk() {
  return {
    alerts: [] as AlertDocument[],
    requests: [] as ActionRequest[],
    letters: [] as DeadLetter[],
    checkpoints: new Map<number, Uint8Array>(),
    ticks: [] as JournalEntry[],
    inventories: new Map<string, Inventory>(),
    committed: undefined as Place | undefined,
    /** Every durable thing in its order. */
    story: [] as string[],
    warnings: [] as string[],
  };
}
type Disk = ReturnType<typeof createDisk>;
type Deed = <T>(name: string, act: () => T) => Promise<T>;

const lives: Deed = async (_, act) => act();

/** A process over what is on disk. `deed` stands around everything durable and may fail or never come back. */
function start(disk: Disk, deed: Deed = lives, over: Partial<RuntimeParts> = {}) {
  const time = { now: T0 };
  const does: Deed = (name, act) =>
    deed(name, () => {
      const value = act();
      disk.story.push(name);
      return value;
    });
  const telemetry = countingTelemetry();
  const parts: RuntimeParts = {
    source: 'memory',
    ingest: createIngest({ format: 'keywatch', keyIs: 'id', trustedProxies: [], maxRecordBytes: 1e6 }),
    enrich: (event) => event,
    engineFor: (partition) => testEngine({ partition, policy }),
    checkpoints: {
      load: async (partition) => disk.checkpoints.get(partition),
      save: (partition, { pieces }) =>
        does('checkpoint', () => void disk.checkpoints.set(partition, Buffer.concat(pieces))),
    },
    journal: {
      load: async (partition) => disk.ticks.filter((entry) => entry.partition === partition),
      append: (entry) => does('tick', () => void disk.ticks.push(entry)),
      prune: async (partition, next) => {
        disk.ticks = disk.ticks.filter((entry) => entry.partition !== partition || entry.next >= next);
      },
    },
    inventories: {
      load: async (digest) => {
        const found = disk.inventories.get(digest);
        if (found === undefined) throw new Error('no such inventory');
        return found;
      },
      save: async (inventory) => void disk.inventories.set(inventory.digest, inventory),
    },
    effects: {
      alerts: (documents) => does('alerts', () => void disk.alerts.push(...documents)),
      requests: (requests) => does('requests', () => void disk.requests.push(...requests)),
      deadLetters: async (letters) => void disk.letters.push(...letters),
    },
    clock: { now: () => time.now, sleep: async () => undefined },
    telemetry,
    checkpointEveryMs: DAY,
    checkpointEveryRecords: 1e9,
    warn: (text) => disk.warnings.push(text),
    ...over,
  };
  const runtime = new Runtime(parts);
  const slice = async (from: number, to: number) => {
    time.now = log[from].timestamp!;
    await runtime.slice({
      partition: 0,
      records: log.slice(from, to),
      cursor: `c${to}`,
      start: `c${from}`,
      lag: 0,
    });
    await does('commit', () => {
      disk.committed = { next: to, cursor: `c${to}` };
    });
  };
  return { runtime, slice, time, telemetry };
}

const idsOf = (disk: Disk) => ({
  alerts: [...new Set(disk.alerts.map(({ event }) => event.id))].sort(),
  requests: [...new Set(disk.requests.map(({ id }) => id))].sort(),
});
const stateOf = (disk: Disk) => Buffer.from(disk.checkpoints.get(0)!).toString('base64');

/** Time passes this long after certain records: enough for an incident to be idle. */
const TICK_AFTER = 8 * HOUR;

/** Lives over the log, one process after the other; each ends where `deaths` says, the last one at the log's end. */
async function live(
  disk: Disk,
  plan: { sizes: readonly number[]; ticks: readonly number[]; deaths: readonly number[] },
) {
  for (const budget of [...plan.deaths, Number.POSITIVE_INFINITY]) {
    let left = budget;
    let die: () => void = () => undefined;
    const died = new Promise<true>((resolve) => {
      die = () => resolve(true);
    });
    const forever = () => {
      die();
      return new Promise<never>(() => undefined);
    };
    // Half of the deaths come before the deed, half after it and before anybody knows.
    const deed: Deed = async (_, act) => {
      if (left <= 0) return forever();
      left -= 1;
      if (left === 0) return forever();
      const value = act();
      left -= 1;
      return left <= 0 ? forever() : value;
    };
    const { runtime, slice, time } = start(disk, deed);
    const work = async () => {
      time.now = log[Math.max(0, (disk.committed?.next ?? 0) - 1)].timestamp!;
      const place = (await runtime.assigned(0, disk.committed)) ?? disk.committed;
      for (let at = place?.next ?? 0, turn = 0; at < log.length; turn++) {
        // Also where a process died between the last commit and the tick: time passes for the next one too.
        if (plan.ticks.includes(at)) {
          time.now = log[at - 1].timestamp! + TICK_AFTER;
          await runtime.tick();
        }
        const stops = plan.ticks.filter((tick) => tick > at);
        const to = Math.min(log.length, at + plan.sizes[turn % plan.sizes.length], ...stops);
        await slice(at, to);
        at = to;
      }
      await runtime.close();
      return false;
    };
    await Promise.race([work(), died]);
  }
}

test('law: wherever the process dies, the same alerts, requests and state come out in the end', async () => {
  const places = fc.uniqueArray(fc.integer({ min: stolenAt, max: stolenAt + 60 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 5 }),
      places,
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
      async (sizes, ticks, deaths) => {
        const calm = createDisk();
        await live(calm, { sizes: [50], ticks, deaths: [] });
        const rough = createDisk();
        await live(rough, { sizes, ticks, deaths });
        expect(idsOf(rough)).toEqual(idsOf(calm));
        expect(calm.alerts.length).toBeGreaterThan(0);
        expect(calm.requests.length).toBeGreaterThan(0);
        // The cursor is the place in the log, the same for both.
        expect(stateOf(rough) === stateOf(calm)).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);

test('alerts are durable before requests, both before the position, and nothing before the anchor checkpoint', async () => {
  const disk = createDisk();
  await live(disk, { sizes: [40], ticks: [], deaths: [] });
  expect(disk.story[0]).toBe('checkpoint');
  const effects = disk.story.filter((deed) => deed !== 'checkpoint').join(' ');
  expect(effects).toMatch(/alerts requests commit/);
  expect(effects).not.toMatch(/requests alerts/);
});

test('the anchor holds where learning began: a crash before the first checkpoint goes back there', async () => {
  const disk = createDisk();
  const first = start(disk);
  await first.runtime.assigned(0, undefined);
  await first.slice(20, 60);
  const second = start(disk);
  expect(await second.runtime.assigned(0, disk.committed)).toEqual({ next: 20, cursor: 'c20' });
});

test('up to the committed place it is silent: no effect, no dead letter, no count', async () => {
  const disk = createDisk();
  const first = start(disk);
  await first.runtime.assigned(0, undefined);
  await first.slice(0, log.length);
  const { alerts, requests, letters } = disk;
  expect(alerts.length * requests.length * letters.length).toBeGreaterThan(0);
  const again = createDisk();
  Object.assign(again, { checkpoints: disk.checkpoints, committed: disk.committed });
  const second = start(again);
  await second.runtime.assigned(0, disk.committed);
  await second.slice(0, log.length);
  expect([again.alerts, again.requests, again.letters]).toEqual([[], [], []]);
  expect(
    second.telemetry.calls.filter(({ name }) => ['records', 'events', 'alert', 'rejected'].includes(name)),
  ).toEqual([]);
});

test('a tick of the journal comes again at its place, whatever slices the log is read in', async () => {
  const calm = createDisk();
  await live(calm, { sizes: [50], ticks: [470], deaths: [] });
  const written = createDisk();
  const first = start(written);
  await first.runtime.assigned(0, undefined);
  await first.slice(0, 470);
  first.time.now = log[469].timestamp! + TICK_AFTER;
  await first.runtime.tick();
  expect(written.ticks).toEqual([{ partition: 0, next: 470, kind: 'tick', ts: first.time.now }]);
  const second = start(written);
  await second.runtime.assigned(0, written.committed);
  await second.slice(0, log.length);
  await second.runtime.close();
  expect(stateOf(written) === stateOf(calm)).toBe(true);
});

test('records that come again are ignored', async () => {
  const once = createDisk();
  await live(once, { sizes: [100], ticks: [], deaths: [] });
  const twice = createDisk();
  const { runtime, slice } = start(twice);
  await runtime.assigned(0, undefined);
  await slice(0, 400);
  await slice(300, 400);
  await slice(350, log.length);
  await runtime.close();
  expect(twice.alerts.map(({ event }) => event.id)).toEqual(once.alerts.map(({ event }) => event.id));
  expect(stateOf(twice) === stateOf(once)).toBe(true);
});

test('a checkpoint also comes after so many records, however little time has passed', async () => {
  const disk = createDisk();
  const { runtime, slice } = start(disk, lives, { checkpointEveryMs: 1e15, checkpointEveryRecords: 120 });
  await runtime.assigned(0, undefined);
  const places: number[] = [];
  for (let from = 0; from < 400; from += 50) {
    await slice(from, from + 50);
    await new Promise((resolve) => setImmediate(resolve));
    const engine = testEngine({ policy });
    engine.restore(disk.checkpoints.get(0)!);
    places.push(engine.next);
  }
  expect(places).toEqual([0, 0, 150, 150, 150, 300, 300, 300]);
});

test('a checkpoint that cannot be written is told and survived; the next one is tried', async () => {
  const disk = createDisk();
  let broken = false;
  const deed: Deed = async (name, act) => {
    if (broken && name === 'checkpoint') throw new Error('no space left');
    return act();
  };
  const { runtime, slice } = start(disk, deed, { checkpointEveryMs: 1 });
  await runtime.assigned(0, undefined);
  await slice(0, 100);
  broken = true;
  await slice(100, 200);
  await new Promise((resolve) => setImmediate(resolve));
  await slice(200, 300);
  await new Promise((resolve) => setImmediate(resolve));
  expect(disk.warnings).toHaveLength(2);
  broken = false;
  await slice(300, log.length);
  await runtime.close();
  expect(disk.committed?.next).toBe(log.length);
  const calm = createDisk();
  await live(calm, { sizes: [100], ticks: [], deaths: [] });
  expect(stateOf(disk) === stateOf(calm)).toBe(true);
});

describe.each(['alerts', 'requests'])('when %s cannot be made durable', (name) => {
  async function failing() {
    const disk = createDisk();
    const deed: Deed = async (deedName, act) => {
      if (deedName === name) throw new Error('the disk is full');
      return act();
    };
    const run = start(disk, deed);
    await run.runtime.assigned(0, undefined);
    await run.slice(0, 200);
    await expect(run.slice(200, log.length)).rejects.toThrow('the disk is full');
    return { disk, ...run };
  }

  test('the slice rejects, and the state that is ahead of its effects is never saved', async () => {
    const { disk, runtime, slice } = await failing();
    const before = disk.checkpoints.get(0);
    await expect(slice(200, log.length)).rejects.toThrow('the disk is full');
    await expect(runtime.revoked(0)).rejects.toThrow('the disk is full');
    await expect(runtime.close()).resolves.toBeUndefined();
    expect(disk.checkpoints.get(0)).toBe(before);
    expect(disk.committed?.next).toBe(200);
  });

  test('the next process delivers what was missing', async () => {
    const { disk } = await failing();
    await live(disk, { sizes: [64], ticks: [], deaths: [] });
    const calm = createDisk();
    await live(calm, { sizes: [64], ticks: [], deaths: [] });
    expect(idsOf(disk)).toEqual(idsOf(calm));
  });
});

describe('what people declare', () => {
  const german = sealed([{ ...keyFacts.parse({ key: 'k3' }), countries: ['FR'] }]);
  const none = sealed([]);
  const limitAlerts = (disk: Disk) =>
    disk.alerts.filter(({ keywatch }) => keywatch.evidence.some(({ detector }) => detector === 'limits'));

  test('an inventory holds from its place in the log on, in every life after it', async () => {
    const calm = createDisk();
    calm.inventories.set(german.digest, german);
    const first = start(calm);
    await first.runtime.assigned(0, undefined);
    await first.slice(0, 300);
    expect(limitAlerts(calm)).toEqual([]);
    first.runtime.declare(german.digest);
    await first.slice(300, log.length);
    await first.runtime.close();
    expect(limitAlerts(calm)[0]['@timestamp']).toBe(
      new Date(events.find(({ key, ts }) => key === 'k3' && ts >= log[300].timestamp!)!.ts).toISOString(),
    );

    const rough = createDisk();
    rough.inventories.set(german.digest, german);
    const one = start(rough);
    await one.runtime.assigned(0, undefined);
    await one.slice(0, 300);
    one.runtime.declare(german.digest);
    await one.slice(300, 400);
    // It dies here, with the checkpoint of its beginning; the next one has not read the file yet.
    const two = start(rough);
    await two.runtime.assigned(0, rough.committed);
    await two.slice(0, 250);
    await two.slice(250, log.length);
    await two.runtime.close();
    expect(idsOf(rough)).toEqual(idsOf(calm));
    expect(stateOf(rough) === stateOf(calm)).toBe(true);
  });

  test('a quiet partition takes it with the next tick; the same one again is no news', async () => {
    const disk = createDisk();
    for (const inventory of [german, none]) disk.inventories.set(inventory.digest, inventory);
    const { runtime, slice, time } = start(disk);
    await runtime.assigned(0, undefined);
    await slice(0, 300);
    time.now += MINUTE;
    for (const digest of [german.digest, german.digest, none.digest]) {
      runtime.declare(digest);
      await runtime.tick();
    }
    const commands = disk.ticks.filter(({ kind }) => kind === 'command');
    expect(commands.map((entry) => entry.kind === 'command' && entry.command)).toEqual([
      { type: 'inventory', digest: german.digest },
      { type: 'inventory', digest: none.digest },
    ]);
  });

  test('rows that are lost are told of, and the present inventory is taken anew', async () => {
    const disk = createDisk();
    disk.inventories.set(german.digest, german);
    const first = start(disk);
    await first.runtime.assigned(0, undefined);
    first.runtime.declare(german.digest);
    await first.slice(0, 300);
    await first.runtime.close();
    disk.inventories.clear();
    const second = start(disk);
    await second.runtime.assigned(0, disk.committed);
    expect(disk.warnings.at(-1)).toMatch(/inventory of the checkpoint is lost/);
    disk.inventories.set(none.digest, none);
    second.runtime.declare(none.digest);
    await second.slice(300, log.length);
    await second.runtime.close();
    const restored = testEngine({ partition: 0, policy });
    restored.restore(disk.checkpoints.get(0)!);
    expect(restored.inventoryDigest).toBe(none.digest);
  });

  test('an inventory of the journal that is lost stops nothing', async () => {
    const disk = createDisk();
    disk.inventories.set(german.digest, german);
    const first = start(disk);
    await first.runtime.assigned(0, undefined);
    await first.slice(0, 20);
    first.runtime.declare(german.digest);
    await first.slice(20, 40);
    // It dies here; the journal names an inventory that the store has no more.
    disk.inventories.clear();
    disk.inventories.set(none.digest, none);
    const second = start(disk);
    await second.runtime.assigned(0, disk.committed);
    second.runtime.declare(none.digest);
    await second.slice(0, 40);
    await second.slice(40, log.length);
    await second.runtime.close();
    expect(disk.warnings).toContainEqual(expect.stringMatching(/inventory of the journal is lost/));
    const restored = testEngine({ partition: 0, policy });
    restored.restore(disk.checkpoints.get(0)!);
    expect(restored.inventoryDigest).toBe(none.digest);
  });

  test('where nothing is declared any more, what was declared ends', async () => {
    const disk = createDisk();
    disk.inventories.set(german.digest, german);
    const first = start(disk);
    await first.runtime.assigned(0, undefined);
    first.runtime.declare(german.digest);
    await first.slice(0, 300);
    await first.runtime.close();
    const second = start(disk);
    await second.runtime.assigned(0, disk.committed);
    second.runtime.declare('');
    await second.slice(300, log.length);
    await second.runtime.close();
    const restored = testEngine({ partition: 0, policy });
    restored.restore(disk.checkpoints.get(0)!);
    expect(restored.inventoryDigest).toBe('');
  });

  test('a command is taken by live partitions only, and comes again after a crash', async () => {
    const expected: Command = {
      type: 'expect',
      key: 'k1',
      facets: ['actor', 'geography', 'client', 'auth', 'errors', 'routes', 'volume', 'time'],
      until: T0 + 9 * DAY,
      by: 'ops',
    };
    const disk = createDisk();
    const first = start(disk);
    expect(await first.runtime.command(expected)).toBe(0);
    await first.runtime.assigned(0, undefined);
    await first.slice(0, 300);
    expect(await first.runtime.command(expected)).toBe(1);
    // It dies here.
    const second = start(disk);
    await second.runtime.assigned(0, disk.committed);
    expect(await second.runtime.command(expected)).toBe(0);
    await second.slice(0, log.length);
    const users = new Set(disk.alerts.map(({ user }) => user?.id));
    expect(users.has('k2')).toBe(true);
    expect(users.has('k1')).toBe(false);
  });
});

test('after a partition was revoked nothing is written for it, not even by a tick that waited its turn', async () => {
  const disk = createDisk();
  const { runtime, slice, time } = start(disk);
  await runtime.assigned(0, undefined);
  await slice(0, 470);
  time.now = log[469].timestamp! + TICK_AFTER;
  const revoked = runtime.revoked(0);
  const ticked = runtime.tick();
  await Promise.all([revoked, ticked]);
  const told = disk.story.length;
  await new Promise((resolve) => setImmediate(resolve));
  expect(disk.story.slice(told)).toEqual([]);
  expect(disk.ticks).toEqual([]);
  expect(disk.story.at(-1)).toBe('checkpoint');
});

test('dead letters carry their place, and are waited for', async () => {
  const disk = createDisk();
  let write: () => void = () => undefined;
  const written = new Promise<void>((resolve) => {
    write = resolve;
  });
  const effects = {
    alerts: async () => undefined,
    requests: async () => undefined,
    deadLetters: (letters: readonly DeadLetter[]) => {
      disk.letters.push(...letters);
      return written;
    },
  };
  const { runtime, slice } = start(disk, lives, { effects });
  await runtime.assigned(0, undefined);
  const done = slice(0, 60);
  await new Promise((resolve) => setImmediate(resolve));
  expect(disk.letters).toEqual([
    expect.objectContaining({ reason: 'not-json', source: 'memory', position: { partition: 0, offset: 50, index: 0 } }),
  ]);
  expect(disk.committed).toBeUndefined();
  write();
  await done;
  expect(disk.committed?.next).toBe(60);
});
