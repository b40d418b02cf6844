import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRotatingFile } from '../../../src/adapters/file/rotating-file';
import { ocsfFinding } from '../../../src/adapters/siem/ocsf';
import { alertSinkContract } from '../../contracts/alert-sink';
import { alertDocument } from '../../support/alerts';
import { temporaryDirectories } from '../../support/files';

const directory = temporaryDirectories();
const size = Buffer.byteLength(JSON.stringify(alertDocument({ id: '00' }))) + 1;
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => alertDocument({ id: String(from + i).padStart(2, '0') }));

const linesOf = async (path: string) => {
  const text = await readFile(path, 'utf8').catch(() => '');
  expect(text === '' || text.endsWith('\n')).toBe(true);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
};
const idsOf = async (path: string) => (await linesOf(path)).map(({ event }) => event.id).join(' ');
/** Oldest first. */
const allOf = async (path: string, files: number) => {
  const names = Array.from({ length: files }, (_, i) => `${path}.${files - i}`);
  return Promise.all([...names, path].map(idsOf));
};
const open = (path: string, documents: number, files: number) =>
  createRotatingFile({ path, format: 'ecs', maxBytes: documents * size, files });

describe('rotating file', () => {
  describe.each(['ecs', 'ocsf'] as const)('contract, %s', (format) => {
    alertSinkContract(async () => {
      const path = join(await directory(), 'out', 'alerts.ndjson');
      return {
        create: async () => createRotatingFile({ path, format, maxBytes: 1_000_000, files: 2 }),
        received: () => linesOf(path),
        ...(format === 'ocsf' ? { expected: ocsfFinding } : {}),
        close: async () => {},
      };
    });
  });

  it('begins a new file before the limit, within one write too, and keeps so many old ones', async () => {
    const path = join(await directory(), 'alerts.ndjson');
    const sink = open(path, 3, 2);
    await sink.write(numbered(1, 2));
    await sink.write(numbered(3, 4));
    expect(await allOf(path, 2)).toEqual(['', '01 02 03', '04']);
    await sink.write(numbered(5, 14));
    expect(await allOf(path, 2)).toEqual(['07 08 09', '10 11 12', '13 14']);
    expect(await readdir(join(path, '..'))).toHaveLength(3);
    for (const name of await readdir(join(path, '..'))) {
      expect((await stat(join(path, '..', name))).size).toBeLessThanOrEqual(3 * size);
    }
    await sink.close();
  });

  it('keeps none where none is wanted, and gives a long line a file to itself', async () => {
    const path = join(await directory(), 'alerts.ndjson');
    const sink = open(path, 2, 0);
    await sink.write(numbered(1, 5));
    expect(await readdir(join(path, '..'))).toEqual(['alerts.ndjson']);
    expect(await idsOf(path)).toBe('05');
    await sink.write([alertDocument({ id: 'long', reason: 'x'.repeat(5 * size) }), ...numbered(6, 6)]);
    expect(await idsOf(path)).toBe('06');
    await sink.close();
  });

  it('goes on where the last run ended, whatever the crash left of the last line', async () => {
    const path = join(await directory(), 'alerts.ndjson');
    const first = open(path, 3, 3);
    await first.write(numbered(1, 3));
    await first.close();
    const whole = await readFile(path);
    await writeFile(
      path,
      Buffer.concat([whole, Buffer.from(JSON.stringify(alertDocument({ id: '04' }))).subarray(0, 40)]),
    );
    const second = open(path, 3, 3);
    await second.write(numbered(4, 5));
    expect(await allOf(path, 3)).toEqual(['', '', '01 02 03', '04 05']);
    await second.close();
  });

  it('loses nothing when a crash came between two renamings', async () => {
    const path = join(await directory(), 'alerts.ndjson');
    const first = open(path, 2, 4);
    await first.write(numbered(1, 7));
    await first.close();
    expect(await allOf(path, 4)).toEqual(['', '01 02', '03 04', '05 06', '07']);
    // As if .3 had become .4 and .2 .3, and then the power had failed.
    const [oldest, middle] = await Promise.all([readFile(`${path}.3`), readFile(`${path}.2`)]);
    await writeFile(`${path}.4`, oldest);
    await writeFile(`${path}.3`, middle);
    await rm(`${path}.2`);
    const second = open(path, 2, 4);
    await second.write(numbered(8, 9));
    expect(await allOf(path, 4)).toEqual(['01 02', '03 04', '05 06', '07 08', '09']);
    await second.close();
  });

  it('rejects while the disk refuses, and then brings what is missing once', async () => {
    const path = join(await directory(), 'alerts.ndjson');
    const sink = open(path, 2, 3);
    await sink.write(numbered(1, 2));
    // The name that the rotation needs is taken by a directory.
    await mkdir(join(`${path}.1`, 'in the way'), { recursive: true });
    await mkdir(join(`${path}.2`, 'in the way'), { recursive: true });
    await mkdir(join(`${path}.3`, 'in the way'), { recursive: true });
    await expect(sink.write(numbered(3, 5))).rejects.toThrow(/./);
    for (const number of [1, 2, 3]) await rm(`${path}.${number}`, { recursive: true, force: true });
    await sink.write(numbered(3, 5));
    expect(await allOf(path, 3)).toEqual(['', '01 02', '03 04', '05']);
    await sink.close();
  });
});
