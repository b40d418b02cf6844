import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openOutbox } from '../../../src/adapters/file/outbox';
import { documents, ids, outboxContract } from '../../contracts/outbox';
import { temporaryDirectories } from '../../support/files';

const directory = temporaryDirectories();
const MB = 1024 * 1024;
/** Bytes on disk of one document of `documents` (ids of two characters). */
const ONE = Buffer.byteLength(JSON.stringify(documents(0, 1)[0])) + 10;

const segmentsIn = async (dir: string) => (await readdir(dir)).filter((name) => name.startsWith('alerts-')).sort();

describe('file outbox', () => {
  describe('contract, in one segment', () => {
    outboxContract(async () => {
      const dir = join(await directory(), 'outbox');
      return { open: (sinks) => openOutbox(dir, { maxBytes: MB, sinks }), close: async () => {} };
    });
  });

  describe('contract, with a segment for nearly every append', () => {
    outboxContract(async () => {
      const dir = join(await directory(), 'outbox');
      return { open: (sinks) => openOutbox(dir, { maxBytes: MB, sinks, segmentBytes: 1 }), close: async () => {} };
    });
  });

  it('loses no acknowledged append, wherever the last segment is cut off', async () => {
    const dir = await directory();
    const outbox = await openOutbox(dir, { maxBytes: MB, sinks: ['a'], segmentBytes: 3 * ONE });
    await outbox.append(documents(0, 3));
    await outbox.append(documents(3, 1));
    await outbox.acknowledge('a', 1);
    await outbox.close();
    const last = join(dir, (await segmentsIn(dir)).at(-1)!);
    const whole = await readFile(last);
    for (let length = 0; length <= whole.length; length++) {
      await writeFile(last, whole.subarray(0, length));
      const after = await openOutbox(dir, { maxBytes: MB, sinks: ['a'] });
      const expected = length === whole.length ? ['d1', 'd2', 'd3'] : ['d1', 'd2'];
      expect(ids(await after.read('a', 10))).toEqual(expected);
      await after.close();
    }
  });

  it('repeats documents rather than lose any, when the positions are damaged, torn or ahead', async () => {
    const dir = await directory();
    const outbox = await openOutbox(dir, { maxBytes: MB, sinks: ['a'] });
    await outbox.append(documents(0, 2));
    await outbox.acknowledge('a', 1);
    await outbox.close();
    for (const content of ['', '{"a":', '[]', 'null', '{"a":"1"}', '{"a":-4}', '{"b":2}']) {
      await writeFile(join(dir, 'acknowledged.json'), content);
      const after = await openOutbox(dir, { maxBytes: MB, sinks: ['a'] });
      expect(ids(await after.read('a', 10))).toEqual(['d0', 'd1']);
      await after.close();
    }
    await writeFile(join(dir, 'acknowledged.json'), '{"a":99}');
    await writeFile(join(dir, 'acknowledged.json.0123abcd.tmp'), '{"a":');
    const after = await openOutbox(dir, { maxBytes: MB, sinks: ['a'] });
    expect(after.acknowledged('a')).toBe(2);
    expect((await readdir(dir)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await after.close();
  });

  it('deletes a segment when the last sink has acknowledged it, and numbers on over a restart', async () => {
    const dir = await directory();
    const open = () => openOutbox(dir, { maxBytes: MB, sinks: ['a', 'b'], segmentBytes: 1 });
    const outbox = await open();
    for (let i = 0; i < 4; i++) await outbox.append(documents(i, 1));
    expect(await segmentsIn(dir)).toHaveLength(4);
    await outbox.acknowledge('a', 4);
    expect(await segmentsIn(dir)).toHaveLength(4);
    await outbox.acknowledge('b', 2);
    expect(await segmentsIn(dir)).toHaveLength(2);
    await outbox.acknowledge('b', 4);
    expect(await segmentsIn(dir)).toHaveLength(1);
    await outbox.close();
    const later = await open();
    expect(later.end()).toBe(4);
    await later.append(documents(4, 1));
    expect(await later.read('b', 10)).toMatchObject({ position: 5 });
    await later.close();
  });

  it('makes appends wait while it is full, in order, until all sinks have made room', async () => {
    const dir = await directory();
    const outbox = await openOutbox(dir, { maxBytes: 4 * ONE, sinks: ['a', 'b'], segmentBytes: ONE });
    await outbox.append(documents(0, 4));
    const done: string[] = [];
    const waiting = [outbox.append(documents(4, 1)).then(() => done.push('d4'))];
    waiting.push(outbox.append(documents(5, 1)).then(() => done.push('d5')));
    await outbox.acknowledge('a', 4);
    expect(outbox.full()).toBe(true);
    expect(done).toEqual([]);
    expect(outbox.bytes()).toBeLessThanOrEqual(4 * ONE);
    await outbox.acknowledge('b', 4);
    await Promise.all(waiting);
    expect(done).toEqual(['d4', 'd5']);
    expect(outbox.full()).toBe(false);
    expect(ids(await outbox.read('b', 10))).toEqual(['d4', 'd5']);
    await outbox.close();
  });

  it('takes an append larger than its limit only when it is empty', async () => {
    const outbox = await openOutbox(await directory(), { maxBytes: 2 * ONE, sinks: ['a'] });
    await outbox.append(documents(0, 5));
    const more = outbox.append(documents(5, 3));
    const first = await outbox.read('a', 10);
    await outbox.acknowledge('a', first.position);
    await more;
    expect(ids(await outbox.read('a', 10))).toEqual(['d5', 'd6', 'd7']);
    await outbox.close();
  });

  it('rejects appends that wait for room when it is closed, and keeps none of them', async () => {
    const dir = await directory();
    const outbox = await openOutbox(dir, { maxBytes: ONE, sinks: ['a'] });
    await outbox.append(documents(0, 1));
    const waiting = outbox.append(documents(1, 1));
    const refused = expect(waiting).rejects.toThrow('closed');
    await outbox.close();
    await refused;
    const later = await openOutbox(dir, { maxBytes: MB, sinks: ['a'] });
    expect(ids(await later.read('a', 10))).toEqual(['d0']);
    await later.close();
  });

  it('refuses two sinks of one name, which would share a position', async () => {
    await expect(openOutbox(await directory(), { maxBytes: MB, sinks: ['a', 'b', 'a'] })).rejects.toThrow('name a');
  });

  it('refuses to hand on a damaged document', async () => {
    const dir = await directory();
    const outbox = await openOutbox(dir, { maxBytes: MB, sinks: ['a'], segmentBytes: 1 });
    await outbox.append(documents(0, 1));
    await outbox.append(documents(1, 1));
    const path = join(dir, (await segmentsIn(dir))[0]!);
    await writeFile(path, (await readFile(path, 'utf8')).replace('billing', 'BILLING'));
    await expect(outbox.read('a', 10)).rejects.toThrow('damaged');
    await outbox.close();
  });
});
