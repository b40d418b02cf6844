import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type HistoryOptions, type HistorySlice, readHistory } from '../../../src/adapters/file/history';
import { temporaryDirectories } from '../../support/files';

const directory = temporaryDirectories();
/** Lines of these tests are `<time> <name>`, or have no time. */
const timeOf = (line: Buffer) => {
  const time = Number.parseInt(line.toString(), 10);
  return Number.isNaN(time) ? undefined : time;
};

async function slicesOf(paths: readonly string[], more: Partial<HistoryOptions> = {}): Promise<HistorySlice[]> {
  const slices: HistorySlice[] = [];
  for await (const slice of readHistory(paths, { timeOf, ...more })) slices.push(slice);
  return slices;
}
const linesOf = async (paths: readonly string[], more: Partial<HistoryOptions> = {}) =>
  (await slicesOf(paths, more)).flatMap((slice) => slice.lines.map((line) => line.toString()));

async function files(contents: Readonly<Record<string, string | Buffer>>) {
  const dir = await directory();
  for (const [name, content] of Object.entries(contents)) await writeFile(join(dir, name), content);
  return { dir, at: (...names: string[]) => names.map((name) => join(dir, name)) };
}

describe('history', () => {
  it('merges files in time order; equal times keep the order of the files', async () => {
    const { at } = await files({
      x: '1 x\n3 x\n3 x again\nno time\n9 x\n',
      y: gzipSync('2 y\n3 y\n10 y\n'),
      z: '0 z\n3 z\n',
    });
    expect(await linesOf(at('x', 'y', 'z'))).toEqual([
      '0 z',
      '1 x',
      '2 y',
      '3 x',
      '3 x again',
      'no time',
      '3 y',
      '3 z',
      '9 x',
      '10 y',
    ]);
  });

  it('is a stable merge of sorted files, whatever they hold', async () => {
    const dir = await directory();
    let run = 0;
    const times = fc.array(fc.nat({ max: 20 }), { maxLength: 30 }).map((list) => list.sort((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(fc.array(times, { minLength: 1, maxLength: 5 }), fc.nat({ max: 6 }), async (lists, slice) => {
        const sub = join(dir, String(run++));
        await mkdir(sub);
        const paths: string[] = [];
        for (const [i, list] of lists.entries()) {
          const text = list.map((time, k) => `${time} ${i}-${k}\n`).join('');
          paths.push(join(sub, `f${i}`));
          await writeFile(paths[i]!, i % 2 === 0 ? text : gzipSync(text));
        }
        const all = lists.flatMap((list, i) => list.map((time, k) => ({ time, text: `${time} ${i}-${k}` })));
        const expected = all.sort((a, b) => a.time - b.time).map(({ text }) => text);
        expect(await linesOf(paths, { sliceRecords: slice + 1 })).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('loses no line of a file that is not in order', async () => {
    const { at } = await files({ x: '5 x\n1 x\n7 x\n', y: '2 y\n6 y\n' });
    expect(await linesOf(at('x', 'y'))).toEqual(['2 y', '5 x', '1 x', '6 y', '7 x']);
  });

  it('asks a single file for no time and keeps its order', async () => {
    const { at } = await files({ x: '5 x\n1 x\nlast' });
    const asked = jest.fn();
    expect(await linesOf(at('x'), { timeOf: asked })).toEqual(['5 x', '1 x', 'last']);
    expect(asked).not.toHaveBeenCalled();
  });

  it('reads directories, and standard input beside files', async () => {
    const { dir, at } = await files({ 'b.log': '2 b\n', 'a.gz': gzipSync('1 a\n'), 'c.txt': '0 c\n', d: '4 d\n' });
    expect(await linesOf([dir])).toEqual(['1 a', '2 b']);
    const stdin = new PassThrough();
    stdin.end('3 stdin\n9 stdin');
    const slices = await slicesOf([...at('d'), '-'], { stdin });
    expect(slices.flatMap((slice) => slice.lines.map(String))).toEqual(['3 stdin', '4 d', '9 stdin']);
    expect(slices.at(-1)!.bytesTotal).toBeUndefined();
  });

  it('hands on bounded slices, counts bytes up to the total, and cuts overlong lines', async () => {
    const text = Array.from({ length: 5_000 }, (_, i) => `${i} line\n`).join('');
    const { at } = await files({ a: text, b: gzipSync(`6000 b ${'x'.repeat(4_000)}\n`) });
    const slices = await slicesOf(at('a', 'b'), { maxLineBytes: 100 });
    expect(Math.max(...slices.map((slice) => slice.lines.length))).toBeLessThanOrEqual(500);
    const read = slices.map((slice) => slice.bytesRead);
    expect(read).toEqual([...read].sort((a, b) => a - b));
    expect(read.at(-1)).toBe(slices[0]!.bytesTotal);
    expect(slices.at(-1)!.lines.at(-1)).toHaveLength(101);
  });

  it('reads a line that is longer than a chunk, and lines across chunks', async () => {
    const lines = ['1 short', `2 ${'x'.repeat(3_000_000)}`, '3 short'];
    const { at } = await files({ a: `${lines.join('\n')}\n` });
    expect(await linesOf(at('a'), { maxLineBytes: 4_000_000 })).toEqual(lines);
  });

  it('names what is missing or damaged', async () => {
    const { dir, at } = await files({ 'half.gz': gzipSync('1 a\n'.repeat(1_000)).subarray(0, 30) });
    await expect(linesOf(at('none'))).rejects.toThrow('none: no such file or directory');
    await expect(linesOf(at('half.gz'))).rejects.toThrow('half.gz: damaged gzip data');
    await mkdir(join(dir, 'empty'));
    await expect(linesOf(at('empty'))).rejects.toThrow('empty: no *.ndjson');
  });

  it('lets go of its files when the reader leaves early', async () => {
    const { at } = await files({ a: '1 a\n'.repeat(100_000), b: gzipSync('1 b\n'.repeat(100_000)) });
    let count = 0;
    for await (const slice of readHistory(at('a', 'b'), { timeOf })) {
      count += slice.lines.length;
      break;
    }
    expect(count).toBe(500);
  });
});
