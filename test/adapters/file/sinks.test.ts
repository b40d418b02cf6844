import { appendFile, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { createAlertFile } from '../../../src/adapters/file/alert-file';
import { createDeadLetterFile } from '../../../src/adapters/file/dead-letter-file';
import type { DeadLetter } from '../../../src/domain/rejection';
import { alertSinkContract } from '../../contracts/alert-sink';
import { alertDocument } from '../../support/alerts';
import { temporaryDirectories } from '../../support/files';
import { hostileAlert, hostileText } from '../../support/siem-alerts';

const directory = temporaryDirectories();
const linesOf = async (path: string) =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
const idsOf = async (path: string) => (await linesOf(path)).map((document) => document.event.id);

describe('alert file', () => {
  describe('contract', () => {
    alertSinkContract(async () => {
      const path = join(await directory(), 'out', 'alerts.ndjson');
      const received = () => linesOf(path).catch(() => []);
      return { create: async () => createAlertFile(path), received, close: async () => {} };
    });
  });

  it('keeps a document on one line for every reader, whatever its texts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostileText, { minLength: 1, maxLength: 4 }), async (texts) => {
        const path = join(await directory(), 'alerts.ndjson');
        const sink = createAlertFile(path);
        const documents = [...texts, 'x'.repeat(64 * 1024)].map(hostileAlert);
        await sink.write(documents);
        await sink.close();
        const lines = (await readFile(path, 'utf8')).split(/\r\n|[\n\r\v\f\x1c-\x1e\u0085\u2028\u2029]/);
        expect(lines.pop()).toBe('');
        expect(lines.map((line) => JSON.parse(line))).toEqual(documents);
      }),
      { numRuns: 15 },
    );
  });

  it('goes on behind what is there, wherever a crash cut the last write off', async () => {
    const path = join(await directory(), 'alerts.ndjson');
    const first = createAlertFile(path);
    await first.write([alertDocument({ id: 'a' })]);
    await first.close();
    const kept = await readFile(path);
    const torn = Buffer.from(JSON.stringify(alertDocument({ id: 'torn' })));
    for (let length = 0; length <= torn.length; length += 1) {
      await writeFile(path, Buffer.concat([kept, torn.subarray(0, length)]));
      const sink = createAlertFile(path);
      await sink.write([alertDocument({ id: 'b' })]);
      await sink.close();
      expect(await idsOf(path)).toEqual(['a', 'b']);
    }
  });

  it.each(['{"precious": true}', 'a: 1\nlast: line', 'x'])(
    'leaves a file that is not its own as it is: %j',
    async (text) => {
      const path = join(await directory(), 'alerts.ndjson');
      await writeFile(path, text);
      const sink = createAlertFile(path);
      await expect(sink.write([alertDocument({ id: 'a' })])).rejects.toThrow('give it a file of its own');
      await sink.close();
      expect(await readFile(path, 'utf8')).toBe(text);
    },
  );

  it('starts a new file when its own was renamed or removed', async () => {
    const path = join(await directory(), 'alerts.ndjson');
    const sink = createAlertFile(path);
    await sink.write([alertDocument({ id: 'a' })]);
    await rename(path, `${path}.1`);
    await sink.write([alertDocument({ id: 'b' })]);
    expect(await idsOf(`${path}.1`)).toEqual(['a']);
    expect(await idsOf(path)).toEqual(['b']);
    await rm(path);
    await sink.write([alertDocument({ id: 'c' })]);
    expect(await idsOf(path)).toEqual(['c']);
    await sink.close();
  });

  it('goes on at the new end after copytruncate', async () => {
    const path = join(await directory(), 'alerts.ndjson');
    const sink = createAlertFile(path);
    await sink.write([alertDocument({ id: 'a' })]);
    await writeFile(path, '');
    await sink.write([alertDocument({ id: 'b' })]);
    expect(await idsOf(path)).toEqual(['b']);
    await sink.close();
  });

  it('rejects while the path cannot be written, and works again afterwards', async () => {
    const dir = await directory();
    const path = join(dir, 'sub', 'alerts.ndjson');
    await writeFile(join(dir, 'sub'), 'in the way');
    const sink = createAlertFile(path);
    await expect(sink.write([alertDocument()])).rejects.toThrow(/ENOTDIR|EEXIST/);
    await rm(join(dir, 'sub'));
    await sink.write([alertDocument({ id: 'later' })]);
    expect(await idsOf(path)).toEqual(['later']);
    await sink.close();
  });

  it('is not readable for everybody', async () => {
    const path = join(await directory(), 'alerts.ndjson');
    const sink = createAlertFile(path);
    await sink.write([alertDocument()]);
    await sink.close();
    expect((await stat(path)).mode & 0o007).toBe(0);
  });
});

describe('dead-letter file', () => {
  it('writes one letter a line behind what is there', async () => {
    const path = join(await directory(), 'dead.ndjson');
    const letter: DeadLetter = {
      reason: 'not-json',
      detail: 'not JSON',
      source: 'file:access.log',
      position: { partition: 0, offset: 7, index: 0 },
      format: 'keywatch',
      bytes: 12,
    };
    const first = createDeadLetterFile(path);
    await first.write([letter]);
    await first.close();
    await appendFile(path, '{"reason":"not-js');
    const sink = createDeadLetterFile(path);
    await sink.write([{ ...letter, bytes: 13 }]);
    await sink.close();
    expect(await linesOf(path)).toEqual([letter, { ...letter, bytes: 13 }]);
  });
});
