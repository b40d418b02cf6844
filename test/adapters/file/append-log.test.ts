import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { openAppendLog } from '../../../src/adapters/file/append-log';
import { temporaryDirectories } from '../../support/files';

const directory = temporaryDirectories();

async function textsOf(path: string): Promise<string[]> {
  const texts: string[] = [];
  const log = await openAppendLog(path, (text) => texts.push(text));
  await log.close();
  return texts;
}

describe('append log', () => {
  it('gives back any JSON texts, in order', async () => {
    const dir = await directory();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.json(), { maxLength: 4 }), { maxLength: 6 }), async (groups) => {
        const path = join(dir, `log-${run++}`);
        const log = await openAppendLog(path);
        await Promise.all(groups.map((group) => log.append(group)));
        const size = log.size();
        await log.close();
        expect(await textsOf(path)).toEqual(groups.flat());
        expect((await readFile(path)).length).toBe(size);
      }),
      { numRuns: 40 },
    );
  });

  it('cuts off a torn tail at any byte and goes on behind what is whole', async () => {
    const path = join(await directory(), 'log');
    const log = await openAppendLog(path);
    await log.append(['{"n":1}', '{"n":2}']);
    const kept = log.size();
    await log.append(['{"n":3,"text":"ümläut"}', '{"n":4}']);
    await log.close();
    const whole = await readFile(path);
    const third = kept + Buffer.byteLength('{"n":3,"text":"ümläut"}') + 10;
    for (let length = kept; length < whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      const expected = ['{"n":1}', '{"n":2}', ...(length >= third ? ['{"n":3,"text":"ümläut"}'] : [])];
      const reopened = await openAppendLog(path);
      await reopened.append(['{"n":5}']);
      await reopened.close();
      expect(await textsOf(path)).toEqual([...expected, '{"n":5}']);
    }
  });

  it('cuts off a tail of other bytes: zeros, or a line whose guard does not fit', async () => {
    const path = join(await directory(), 'log');
    const log = await openAppendLog(path);
    await log.append(['{"n":1}']);
    await log.close();
    const whole = await readFile(path);
    for (const tail of [
      Buffer.alloc(500),
      Buffer.from('00000000 {"n":2}\n'),
      Buffer.from('\n\n'),
      Buffer.from('zz\r\n'),
    ]) {
      await writeFile(path, Buffer.concat([whole, tail]));
      expect(await textsOf(path)).toEqual(['{"n":1}']);
      expect(await readFile(path)).toEqual(whole);
    }
  });

  it('refuses a file that is damaged in the middle, and leaves it as it is', async () => {
    const path = join(await directory(), 'log');
    const log = await openAppendLog(path);
    await log.append(['{"n":1}', '{"n":2}', '{"n":3}']);
    await log.close();
    const edited = (await readFile(path, 'utf8')).replace('{"n":2}', '{"n":9}');
    await writeFile(path, edited);
    await expect(openAppendLog(path)).rejects.toThrow('damaged at byte 17');
    expect(await readFile(path, 'utf8')).toBe(edited);
  });

  it('rejects appends after close', async () => {
    const log = await openAppendLog(join(await directory(), 'log'));
    await log.close();
    await expect(log.append(['{}'])).rejects.toThrow('closed');
  });
});
