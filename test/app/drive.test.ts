import { drive } from '../../src/app/drive';
import { createPatience } from '../../src/app/patience';
import { watchParts } from '../../src/app/watch';
import type { Source } from '../../src/ports';
import { manualClock } from '../support/time';

const quiet = () => {
  const said: string[] = [];
  const say = (first: unknown, text?: string) => void said.push(text ?? String(first));
  return { said, log: { info: say, warn: say, error: say } as never };
};

/** A source that runs until it is stopped, or until `end` is called. */
function endless() {
  let end: (error?: Error) => void = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve() : reject(error));
  });
  const state = { stops: 0 };
  const source: Source = {
    name: 'endless',
    run: () => done,
    stop: async () => {
      state.stops++;
      end();
      await done.catch(() => undefined);
    },
    problem: () => undefined,
  };
  return { source, state, end };
}

const idle = {
  assigned: async () => undefined,
  slice: async () => undefined,
  revoked: async () => undefined,
  tick: async () => undefined,
  close: async () => undefined,
};

function setUp(over: object = {}) {
  const clock = manualClock();
  const stop = new AbortController();
  const patience = createPatience(clock);
  const { said, log } = quiet();
  const story: string[] = [];
  const runtime = { ...idle, close: async () => void story.push('close'), ...over };
  const parts = {
    runtime,
    clock,
    stop: stop.signal,
    patience,
    log,
    beforeTick: async () => void story.push('before'),
    look: () => void story.push('look'),
  };
  return { clock, stop, patience, said, story, parts };
}

test('a stop ends the source, then checkpoints', async () => {
  const { source, state } = endless();
  const { stop, story, parts } = setUp();
  const driving = drive({ ...parts, source });
  stop.abort();
  expect(await driving).toBe(true);
  expect(state.stops).toBe(1);
  expect(story).toEqual(['close']);
});

test('the end of the input ends it too, and nothing sleeps on', async () => {
  const { source, end } = endless();
  const { clock, story, parts } = setUp();
  const driving = drive({ ...parts, source });
  end();
  expect(await driving).toBe(true);
  expect(story).toEqual(['close']);
  expect(clock.sleeping()).toEqual([]);
});

test('a fault of the source is the caller’s, and nothing is checkpointed', async () => {
  const { source, end } = endless();
  const { story, parts } = setUp();
  const driving = drive({ ...parts, source });
  end(new Error('the topic is gone'));
  await expect(driving).rejects.toThrow('the topic is gone');
  expect(story).toEqual([]);
});

test('a fault of a tick stops the source: no half of a process goes on', async () => {
  const { source, state } = endless();
  const { clock, story, parts } = setUp({
    tick: async () => {
      throw new Error('the disk is full');
    },
  });
  const driving = drive({ ...parts, source });
  const failed = expect(driving).rejects.toThrow('the disk is full');
  for (let s = 0; s < 5; s++) await clock.advance(1_000);
  await failed;
  expect(state.stops).toBe(1);
  expect(story).toContain('before');
  expect(story).not.toContain('close');
});

test('a slice that waits for room without end holds no stop for ever', async () => {
  const { stop, clock, said, story, patience, parts } = setUp();
  const stuck = patience.guard(() => new Promise<void>(() => undefined));
  const source: Source = {
    name: 'stuck',
    run: () => stuck,
    stop: () => stuck.catch(() => undefined),
    problem: () => undefined,
  };
  const driving = drive({ ...parts, source });
  stop.abort();
  await clock.advance(4_999);
  expect(said.join()).not.toContain('outbox');
  await clock.advance(1);
  expect(await driving).toBe(false);
  expect(said.join()).toContain('stopped with the outbox full');
  expect(story).not.toContain('close');
  // Nothing that is not durable may pass for durable afterwards.
  await expect(patience.guard(async () => 'late')).rejects.toThrow('room in the outbox');
});

test('the watch speaks once when a part goes bad, once when it is well again', () => {
  const { said, log } = quiet();
  let problem: string | undefined;
  const look = watchParts(() => [{ name: 'a', problem: () => problem }], log);
  look();
  problem = 'down';
  look();
  problem = 'still down';
  look();
  problem = undefined;
  look();
  look();
  expect(said).toEqual(['not ready; it is tried again', 'ready again']);
});
