import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFileLedger } from '../../../src/adapters/file/ledger';
import { ledgerContract, outcome } from '../../contracts/ledger';
import { temporaryDirectories } from '../../support/files';

const directory = temporaryDirectories();
const DAY = 86_400_000;
const NOW = 1_700_000_000_000;
const now = () => NOW;

describe('file ledger', () => {
  describe('contract', () => {
    ledgerContract(async () => {
      const path = join(await directory(), 'state', 'ledger.log');
      return { open: () => createFileLedger(path, { now }), close: async () => {} };
    }, NOW);
  });

  const loaded = async (path: string, options = {}) => {
    const ledger = createFileLedger(path, { now, ...options });
    const outcomes = await ledger.load();
    await ledger.close();
    return outcomes.map((o) => `${o.requestId} ${o.state}`);
  };

  async function written(...outcomes: ReturnType<typeof outcome>[]) {
    const path = join(await directory(), 'ledger.log');
    const ledger = createFileLedger(path, { now });
    for (const one of outcomes) await ledger.append([one]);
    await ledger.close();
    return path;
  }

  it('loses nothing that was appended, wherever a later append is cut off', async () => {
    const path = await written(outcome('r1', 'accepted', NOW));
    const kept = (await readFile(path)).length;
    await appendFile(path, (await readFile(await written(outcome('r2', 'held', NOW, { detail: 'x' })))).subarray(0));
    const whole = await readFile(path);
    for (let length = kept; length < whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      expect(await loaded(path)).toEqual(['r1 accepted']);
    }
  });

  it('drops requests that ended more than 30 days ago, and no live one however old', async () => {
    const old = NOW - 31 * DAY;
    const path = await written(
      outcome('ended', 'accepted', old - 2),
      outcome('live', 'accepted', old - 2),
      outcome('ended', 'undelivered', old - 1),
      outcome('live', 'delivered', old),
      outcome('recent', 'held', NOW - 29 * DAY),
      outcome('reopened', 'held', old),
      outcome('reopened', 'accepted', NOW),
    );
    const expected = ['live accepted', 'live delivered', 'recent held', 'reopened held', 'reopened accepted'];
    expect(await loaded(path)).toEqual(expected);
    expect(await readFile(path, 'utf8')).not.toContain('"ended"');
    expect(await loaded(path)).toEqual(expected);
  });

  it('keeps the newest ended requests within its bound, and all live ones', async () => {
    const path = await written(
      outcome('a', 'held', NOW - 3),
      outcome('b', 'held', NOW - 1),
      outcome('c', 'held', NOW - 2),
      outcome('live', 'accepted', NOW - 9),
    );
    expect(await loaded(path, { maxEnded: 2 })).toEqual(['b held', 'c held', 'live accepted']);
  });

  it('compacts while it runs, when the file has grown', async () => {
    const path = join(await directory(), 'ledger.log');
    const ledger = createFileLedger(path, { now, maxEnded: 10, compactAtBytes: 2_000 });
    await ledger.load();
    await ledger.append([outcome('live', 'accepted', NOW)]);
    for (let i = 0; i < 500; i++) await ledger.append([outcome(`r${i}`, 'held', NOW + i)]);
    expect((await readFile(path)).length).toBeLessThan(4_000);
    await ledger.append([outcome('last', 'held', NOW + 900)]);
    await ledger.close();
    const kept = await loaded(path, { maxEnded: 10 });
    expect(kept).toHaveLength(11);
    expect(kept[0]).toBe('live accepted');
    expect(kept.at(-1)).toBe('last held');
  });

  it('ignores what a crash in compaction left behind', async () => {
    const path = await written(outcome('r1', 'accepted', NOW));
    await writeFile(`${path}.0123abcd.tmp`, 'half a fi');
    expect(await loaded(path)).toEqual(['r1 accepted']);
    await expect(readFile(`${path}.0123abcd.tmp`)).rejects.toThrow('ENOENT');
  });
});
