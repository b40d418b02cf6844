import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyAudit } from '../../../src/adapters/audit/verify';
import { entry, openTestLog, segmentFiles, testKey } from '../../support/audit';
import { temporaryDirectories } from '../../support/files';

const directory = temporaryDirectories();
const root = join(__dirname, '..', '..', '..');

/** Records as fast as it can and says, of each that resolved, which it was. */
const writer = `
  const { openTestLog, entry } = require(${JSON.stringify(join(root, 'test/support/audit.ts'))});
  openTestLog(process.argv[1], { segmentBytes: 3000 }).then(({ log }) => {
    let n = Number(process.argv[2]);
    const next = () => { const mine = n++; log.record(entry(mine)).then(() => { process.stdout.write(mine + '\\n'); next(); }); };
    for (let i = 0; i < 8; i++) next();
  });`;

test('killed again and again while it writes: all that resolved is there, and the log is whole', async () => {
  const dir = await directory();
  const resolved: string[] = [];
  for (let life = 0; life < 3; life += 1) {
    const child = spawn(
      process.execPath,
      ['-r', join(root, 'bench', 'register.js'), '-e', writer, dir, String((life + 1) * 100_000)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    child.stdout.setEncoding('utf8');
    const enough = new Promise<void>((resolve) => {
      child.stdout.on('data', (text: string) => {
        said += text;
        if (said.split('\n').length > 40 + life * 7) resolve();
      });
    });
    const closed = once(child, 'close');
    await Promise.race([enough, closed]);
    child.kill('SIGKILL');
    await closed;
    resolved.push(...said.split('\n').slice(0, -1));
  }
  expect(resolved.length).toBeGreaterThan(120);
  const { log } = await openTestLog(dir);
  await log.record(entry(1));
  await log.close();
  const files = segmentFiles(dir);
  expect((await verifyAudit({ files, publicKeys: [testKey.publicKey], witnesses: [] })).fault).toBeUndefined();
  const text = files.map((path) => readFileSync(path, 'utf8')).join('');
  expect(resolved.filter((n) => !text.includes(`"k_${n}"`))).toEqual([]);
});
