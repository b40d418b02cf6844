import { existsSync } from 'node:fs';
import { appendFile, copyFile, mkdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createFileSource, type FileSourceOptions, type Gap } from '../../../src/adapters/file/source';
import { numbered, type Recorder, recorder, sourceContract } from '../../contracts/source';
import { temporaryDirectories } from '../../support/files';
import { eventually } from '../../support/time';

const directory = temporaryDirectories();
/** Quick polls, so that tests wait for little; nothing here is timed. */
const quick = { pollMs: 5, rotationGraceMs: 30, commitEveryMs: 0 };
/** Long enough that a file's first bytes tell it from another. */
const text = (lines: readonly string[]) => lines.map((line) => `${line}${' '.repeat(30)}.\n`).join('');
const plain = (texts: readonly string[]) => texts.map((line) => line.replace(/ +\.$/, ''));

async function logDirectory() {
  const base = await directory();
  const dir = join(base, 'logs');
  await mkdir(dir);
  const gaps: Gap[] = [];
  const make = (more: Partial<FileSourceOptions> = {}) =>
    createFileSource({
      path: join(dir, 'access.log'),
      follow: true,
      start: 'earliest',
      stateDir: join(base, 'state'),
      onGap: (gap) => gaps.push(gap),
      ...quick,
      ...more,
    });
  return { base, dir, path: join(dir, 'access.log'), gaps, make };
}

/** Runs a source until the condition holds, and stops it. */
async function runUntil(source: ReturnType<typeof createFileSource>, handler: Recorder, condition: () => boolean) {
  const run = source.run(handler);
  await Promise.race([handler.until(condition), run]);
  await source.stop();
  await run;
}

const read = (handler: Recorder) => plain(handler.texts(0));
const offsets = (handler: Recorder) => handler.seen.get(0)!.map((record) => record.offset);

describe('file source', () => {
  describe('contract', () => {
    sourceContract(async () => {
      const { path, make } = await logDirectory();
      return {
        partitions: 1,
        remembers: true,
        produce: (_, values) => appendFile(path, values.map((value) => `${value}\n`).join('')),
        create: async () => make(),
        close: async () => {},
      };
    });
  });

  it('keeps back a last line until its line feed comes', async () => {
    const { path, make } = await logDirectory();
    await writeFile(path, 'one\ntwo, first ha');
    const handler = recorder();
    const source = make();
    const run = source.run(handler);
    await handler.until(() => handler.total() === 1);
    await appendFile(path, 'lf\nthree\n');
    await handler.until(() => handler.total() === 3);
    await source.stop();
    await run;
    expect(handler.texts(0)).toEqual(['one', 'two, first half', 'three']);
  });

  it('hands an overlong line on cut to one byte more than allowed, and goes on behind it', async () => {
    const { path, make } = await logDirectory();
    await writeFile(path, `a\n${'x'.repeat(2_000_000)}\nb\n`);
    const handler = recorder();
    await runUntil(make({ maxLineBytes: 1_000 }), handler, () => handler.total() === 3);
    expect(handler.texts(0).map((line) => line.length)).toEqual([1, 1_001, 1]);
    expect(offsets(handler)).toEqual([0, 1, 2]);
  });

  it('starts at the end when told so, and there again after a crash before the first line', async () => {
    const { base, path, make } = await logDirectory();
    await writeFile(path, `${text(numbered('old', 0, 3))}begun`);
    const source = make({ start: 'latest' });
    const run = source.run(recorder());
    await eventually(() => existsSync(join(base, 'state', 'position.json')));
    await source.stop();
    await run;
    await appendFile(path, ' line\nnew\n');
    const handler = recorder();
    await runUntil(make({ start: 'latest' }), handler, () => handler.total() === 2);
    expect(handler.texts(0)).toEqual(['begun line', 'new']);
  });

  it('waits for a file that is not there yet, and says so', async () => {
    const { path, make } = await logDirectory();
    const source = make({ start: 'latest' });
    const handler = recorder();
    const run = source.run(handler);
    await eventually(() => source.problem() !== undefined);
    expect(source.problem()).toContain('not there yet');
    await writeFile(path, 'first\n');
    await handler.until(() => handler.total() === 1);
    expect(source.problem()).toBeUndefined();
    await source.stop();
    await run;
  });

  it('rejects a missing file, and a directory without input, when it does not follow', async () => {
    const { dir, make } = await logDirectory();
    await expect(make({ follow: false }).run(recorder())).rejects.toThrow('no such file');
    await expect(make({ follow: false, path: dir }).run(recorder())).rejects.toThrow('no such file');
  });

  it('reports what waits behind a slice', async () => {
    const { path, make } = await logDirectory();
    await writeFile(
      path,
      numbered('line', 1_000, 1_200)
        .map((line) => `${line}\n`)
        .join(''),
    );
    const lags: (number | undefined)[] = [];
    const handler = recorder({ before: (slice) => void lags.push(slice.lag) });
    await runUntil(make(), handler, () => handler.total() === 1_200);
    expect(lags).toEqual([700, 200, 0]);
  });

  describe('rotation while it runs', () => {
    const running = async (rotate: (path: string) => Promise<void>) => {
      const { path, make, gaps } = await logDirectory();
      await writeFile(path, text(numbered('a', 0, 20)));
      const handler = recorder();
      const source = make();
      const run = source.run(handler);
      await handler.until(() => handler.total() === 20);
      await rotate(path);
      await handler.until(() => read(handler).includes('b-4'));
      await source.stop();
      await run;
      return { handler, gaps };
    };

    it('by renaming: reads what is still written to the old file, then the new one', async () => {
      const { handler, gaps } = await running(async (path) => {
        await rename(path, `${path}.1`);
        await appendFile(`${path}.1`, text(['late-0']));
        await writeFile(path, text(numbered('b', 0, 5)));
        await appendFile(`${path}.1`, `${text(['late-1'])}unfinished`);
      });
      expect(read(handler)).toEqual([
        ...numbered('a', 0, 20),
        'late-0',
        'late-1',
        'unfinished',
        ...numbered('b', 0, 5),
      ]);
      expect(offsets(handler)).toEqual(Array.from({ length: 28 }, (_, i) => i));
      expect(gaps).toEqual([]);
    });

    it('by copytruncate: reads the rest from the copy', async () => {
      const { handler, gaps } = await running(async (path) => {
        await appendFile(path, text(['late-0']));
        await copyFile(path, `${path}.1`);
        await truncate(path, 0);
        await appendFile(path, text(numbered('b', 0, 5)));
      });
      expect(read(handler)).toEqual([...numbered('a', 0, 20), 'late-0', ...numbered('b', 0, 5)]);
      expect(gaps).toEqual([]);
    });

    it('by copytruncate into a file that soon is longer than before', async () => {
      const { handler, gaps } = await running(async (path) => {
        await copyFile(path, `${path}.1`);
        await writeFile(path, text(numbered('b', 0, 40)));
      });
      expect(read(handler)).toEqual([...numbered('a', 0, 20), ...numbered('b', 0, 40)]);
      expect(gaps).toEqual([]);
    });

    it('by truncation without a copy: says that lines may be missed, and goes on', async () => {
      const { handler, gaps } = await running(async (path) => {
        await truncate(path, 0);
        await appendFile(path, text(numbered('b', 0, 5)));
      });
      expect(read(handler)).toEqual([...numbered('a', 0, 20), ...numbered('b', 0, 5)]);
      expect(gaps).toEqual([{ file: 'access.log', detail: expect.stringContaining('emptied by its writer') }]);
    });
  });

  describe('rotation while it is down', () => {
    /** Reads 20 lines, lets the log move on, and reads on in a new process. */
    const restarted = async (move: (path: string, dir: string) => Promise<void>, last: string) => {
      const { path, dir, make, gaps } = await logDirectory();
      await writeFile(path, text(numbered('a', 0, 20)));
      const first = recorder();
      await runUntil(make(), first, () => first.total() === 20);
      await move(path, dir);
      const second = recorder();
      await runUntil(make(), second, () => read(second).includes(last));
      return { second, gaps };
    };

    it('finds the renamed file and all that came after it', async () => {
      const { second, gaps } = await restarted(async (path) => {
        await appendFile(path, text(['a-20']));
        await rename(path, `${path}.2`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        await writeFile(`${path}.1`, text(numbered('b', 0, 3)));
        await new Promise((resolve) => setTimeout(resolve, 20));
        await writeFile(path, text(numbered('c', 0, 2)));
        await writeFile(`${path}.stats`, 'not a rotation\n');
      }, 'c-1');
      expect(read(second)).toEqual(['a-20', 'b-0', 'b-1', 'b-2', 'c-0', 'c-1']);
      expect(offsets(second)).toEqual([20, 21, 22, 23, 24, 25]);
      expect(gaps).toEqual([]);
    });

    it('finds the compressed file by its first bytes', async () => {
      const { second, gaps } = await restarted(async (path, dir) => {
        await appendFile(path, text(['a-20']));
        await writeFile(join(dir, 'access.log-20240131.gz'), gzipSync(await readFile(path)));
        await rm(path);
        await new Promise((resolve) => setTimeout(resolve, 20));
        await writeFile(path, text(['b-0']));
      }, 'b-0');
      expect(read(second)).toEqual(['a-20', 'b-0']);
      expect(gaps).toEqual([]);
    });

    it('finds the copy of a truncated file', async () => {
      const { second, gaps } = await restarted(async (path) => {
        await appendFile(path, text(['a-20']));
        await copyFile(path, `${path}.1`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        await writeFile(path, text(numbered('b', 0, 60)));
      }, 'b-59');
      expect(read(second)).toEqual(['a-20', ...numbered('b', 0, 60)]);
      expect(gaps).toEqual([]);
    });

    it('says so when the file is gone, and goes on at the beginning of the live one, numbering on', async () => {
      const { second, gaps } = await restarted(async (path) => {
        await rm(path);
        await writeFile(path, text(numbered('b', 0, 2)));
      }, 'b-1');
      expect(read(second)).toEqual(['b-0', 'b-1']);
      expect(offsets(second)).toEqual([20, 21]);
      expect(gaps).toEqual([{ file: 'access.log', detail: expect.stringContaining('neither there nor among') }]);
    });
  });

  describe('directory', () => {
    it('is read file by file by name, gzip too, and ends when it is not followed', async () => {
      const { dir, make, gaps } = await logDirectory();
      await writeFile(join(dir, 'b.log'), 'b-0\nb-1');
      await writeFile(join(dir, 'a.ndjson.gz'), gzipSync('a-0\na-1\n'));
      await writeFile(join(dir, 'c.json'), 'c-0\r\n\n\r\nc-1\n');
      await writeFile(join(dir, 'd.txt'), 'no\n');
      await writeFile(join(dir, '.e.log'), 'no\n');
      const handler = recorder();
      await make({ path: dir, follow: false }).run(handler);
      expect(handler.texts(0)).toEqual(['a-0', 'a-1', 'b-0', 'b-1', 'c-0', 'c-1']);
      expect(gaps).toEqual([]);
    });

    it('goes on within a gzip file after a stop', async () => {
      const { dir, make } = await logDirectory();
      await writeFile(join(dir, 'a.gz'), gzipSync(text(numbered('a', 0, 1_200))));
      await writeFile(join(dir, 'b.log'), text(numbered('b', 0, 2)));
      const first = recorder();
      await runUntil(make({ path: dir, follow: false }), first, () => first.total() > 0);
      const second = recorder();
      await make({ path: dir, follow: false }).run(second);
      expect([...read(first), ...read(second)]).toEqual([...numbered('a', 0, 1_200), ...numbered('b', 0, 2)]);
      const third = recorder();
      await make({ path: dir, follow: false }).run(third);
      expect(third.total()).toBe(0);
    });

    it('reads a file with a later name when it appears, after the one before', async () => {
      const { dir, make } = await logDirectory();
      await writeFile(join(dir, '2024-01-01.log'), text(['a-0']));
      const handler = recorder();
      const source = make({ path: dir });
      const run = source.run(handler);
      await handler.until(() => handler.total() === 1);
      await appendFile(join(dir, '2024-01-01.log'), text(['a-1']));
      await writeFile(join(dir, '2024-01-02.log'), text(['b-0']));
      await handler.until(() => handler.total() === 3);
      await source.stop();
      await run;
      expect(read(handler)).toEqual(['a-0', 'a-1', 'b-0']);
    });

    it('reports damaged gzip data and goes on with the next file', async () => {
      const { dir, make, gaps } = await logDirectory();
      await writeFile(join(dir, 'a.gz'), gzipSync(text(numbered('a', 0, 5_000))).subarray(0, 200));
      await writeFile(join(dir, 'b.log'), text(['b-0']));
      const handler = recorder();
      await make({ path: dir, follow: false }).run(handler);
      expect(read(handler).at(-1)).toBe('b-0');
      expect(gaps).toEqual([{ file: 'a.gz', detail: expect.stringContaining('damaged gzip') }]);
    });
  });

  describe('committed place', () => {
    it('is written at most once in its time, and at stop', async () => {
      const { base, path, make } = await logDirectory();
      await writeFile(path, text(numbered('a', 0, 2_000)));
      const position = join(base, 'state', 'position.json');
      const during: string[] = [];
      const handler = recorder({
        before: async () => {
          during.push(await readFile(position, 'utf8').catch(() => 'none'));
        },
      });
      const clock = { now: () => 5, sleep: (ms: number) => new Promise<void>((r) => setTimeout(r, ms)) };
      await runUntil(make({ commitEveryMs: 1_000, clock }), handler, () => handler.total() === 2_000);
      expect(new Set(during).size).toBe(1);
      expect(JSON.parse(await readFile(position, 'utf8')).next).toBe(2_000);
    });

    it('is an error when it is damaged, not a guess', async () => {
      const { base, path, make } = await logDirectory();
      await writeFile(path, 'a\n');
      await mkdir(join(base, 'state'));
      await writeFile(join(base, 'state', 'position.json'), '{"version":1,"next":');
      await expect(make().run(recorder())).rejects.toThrow('position.json is damaged');
    });
  });
});
