import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createNoTelemetry } from '../../src/adapters/no-telemetry';
import { createUndelivered } from '../../src/adapters/undelivered';
import { alertDocument } from '../support/alerts';
import { temporaryDirectories } from '../support/files';

const directory = temporaryDirectories();
const clock = { now: () => Date.UTC(2026, 0, 1), sleep: async () => {} };
const linesOf = async (path: string) =>
  (await readFile(path, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

async function place(maxBytes?: number) {
  const path = join(await directory(), 'undelivered.ndjson');
  const counted: unknown[] = [];
  const told: string[] = [];
  const telemetry = { ...createNoTelemetry(), delivery: (...call: unknown[]) => counted.push(call) };
  const undelivered = createUndelivered({
    path,
    clock,
    telemetry,
    onReject: (sink, id, reason) => told.push(`${sink} ${id} ${reason}`),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
  return { path, counted, told, undelivered };
}

it('keeps the whole document with output, time and reason, counts it and tells of it', async () => {
  const { path, counted, told, undelivered } = await place();
  await Promise.all([
    undelivered.reject('es', alertDocument({ id: 'a', reason: 'line\nbreak' }), '400 mapping'),
    undelivered.reject('splunk', alertDocument({ id: 'b' }), 'x'.repeat(10_000)),
  ]);
  await undelivered.close();
  expect(await linesOf(path)).toEqual([
    {
      time: '2026-01-01T00:00:00.000Z',
      sink: 'es',
      reason: '400 mapping',
      document: alertDocument({ id: 'a', reason: 'line\nbreak' }),
    },
    { time: '2026-01-01T00:00:00.000Z', sink: 'splunk', reason: 'x'.repeat(500), document: alertDocument({ id: 'b' }) },
  ]);
  expect(counted).toEqual([
    ['es', 'failed', 1],
    ['splunk', 'failed', 1],
  ]);
  expect(told[0]).toBe('es a 400 mapping');
  expect((await stat(path)).mode & 0o007).toBe(0);
});

it('stays bounded: the newest are kept, in two files of the size that was given', async () => {
  const { path, undelivered } = await place(2_000);
  for (let i = 0; i < 50; i += 1) await undelivered.reject('es', alertDocument({ id: `id-${i}` }), 'no');
  await undelivered.close();
  const kept = [...(await linesOf(`${path}.1`)), ...(await linesOf(path))].map(({ document }) => document.event.id);
  expect(kept.at(-1)).toBe('id-49');
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => `id-${50 - kept.length + i}`));
  for (const file of [path, `${path}.1`]) expect((await stat(file)).size).toBeLessThan(3_000);
});

it('rejects, uncounted, when the document cannot be kept, so that its output holds on to it', async () => {
  const { path, counted, undelivered } = await place();
  await writeFile(path, 'somebody’s notes');
  await expect(undelivered.reject('es', alertDocument(), 'no')).rejects.toThrow('give it a file of its own');
  expect(counted).toEqual([]);
  await undelivered.close();
});
