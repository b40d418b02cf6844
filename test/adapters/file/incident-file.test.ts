import { spawn } from 'node:child_process';
import { appendFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type IncidentFileOptions, openIncidentFile } from '../../../src/adapters/file/incident-file';
import { alertDocument } from '../../support/alerts';
import { temporaryDirectories } from '../../support/files';

const directory = temporaryDirectories();
const limits: IncidentFileOptions = { most: 1_000, keepMs: 86_400_000 };
const document = (incident: number, sequence = 0) => {
  const base = alertDocument({ keywatch: { incident: { id: `i${incident}`, state: 'open', requests: 1 } } });
  return { ...base, event: { ...base.event, sequence } };
};
const feedback = { id: 'f1', incidentId: 'i1', key: 'key-1', verdict: 'theft' as const, by: 'ada', at: 1 };

async function held(path: string, options = limits): Promise<string[]> {
  const file = await openIncidentFile(path, options);
  const found = file.incidents.list({}, 9_999).map(({ id, feedback: all }) => `${id} ${all.length}`);
  await file.close();
  return found.sort();
}

test('what was noted is there after a restart; notices are not kept', async () => {
  const path = join(await directory(), 'state', 'incidents.log');
  const file = await openIncidentFile(path, limits);
  await file.documents([document(1), alertDocument({ user: undefined }), document(2)]);
  await file.feedback(feedback);
  await file.close();
  expect(await held(path)).toEqual(['i1 1', 'i2 0']);
});

test('a torn tail is cut off; damage from outside is put aside and told of', async () => {
  const path = join(await directory(), 'incidents.log');
  const file = await openIncidentFile(path, limits);
  await file.documents([document(1)]);
  await file.close();
  await appendFile(path, '0badf00d {"kind":"docu');
  expect(await held(path)).toEqual(['i1 0']);
  const whole = await readFile(path, 'utf8');
  await writeFile(path, `garbage\n${whole}`);
  const told: string[] = [];
  expect(await held(path, { ...limits, onDamaged: (aside) => told.push(aside) })).toEqual([]);
  expect(told).toEqual([`${path}.damaged`]);
  expect(await readFile(`${path}.damaged`, 'utf8')).toBe(`garbage\n${whole}`);
});

test('does not grow with the updates of the same incidents', async () => {
  const dir = await directory();
  const path = join(dir, 'incidents.log');
  const file = await openIncidentFile(path, { ...limits, compactAtBytes: 4_096 });
  for (let sequence = 0; sequence < 60; sequence++)
    await file.documents([document(1, sequence), document(2, sequence)]);
  await file.close();
  expect((await stat(path)).size).toBeLessThan(8_192);
  expect(await held(path)).toEqual(['i1 0', 'i2 0']);
  expect(await readdir(dir)).toEqual(['incidents.log']);
});

test('a key that is forgotten leaves the file', async () => {
  const path = join(await directory(), 'incidents.log');
  const file = await openIncidentFile(path, limits);
  const other = { ...document(2), user: { id: 'secret-customer', name: 'x' } };
  await file.documents([document(1), other, document(3)]);
  await file.forget(({ user }) => user?.id === 'secret-customer');
  expect(file.incidents.ofKey('secret-customer')).toEqual([]);
  expect(await readFile(path, 'utf8')).not.toContain('secret-customer');
  await file.documents([document(4)]);
  await file.close();
  expect(await held(path)).toEqual(['i1 0', 'i3 0', 'i4 0']);
});

test('kill -9 at any moment loses nothing that was said to be durable', async () => {
  const path = join(await directory(), 'incidents.log');
  const writer = `
    const { openIncidentFile } = require(${JSON.stringify(join(__dirname, '../../../src/adapters/file/incident-file.ts'))});
    const base = ${JSON.stringify(document(0))};
    (async () => {
      const file = await openIncidentFile(${JSON.stringify(path)}, { most: 100000, keepMs: 1e12, compactAtBytes: 20000 });
      for (let i = file.incidents.size; ; i++) {
        const incident = { ...base.keywatch.incident, id: 'i' + i };
        await file.documents([{ ...base, keywatch: { ...base.keywatch, incident } }]);
        process.stdout.write(i + '\\n');
      }
    })();`;
  let durable = -1;
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, ['-r', join(__dirname, '../../../bench/register.js'), '-e', writer]);
    await new Promise<void>((resolve) => {
      let seen = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        for (const line of chunk.toString().split('\n'))
          if (/^\d+$/.test(line)) durable = Math.max(durable, Number(line));
        if (++seen === 20 + round * 13) child.kill('SIGKILL');
      });
      child.on('exit', () => resolve());
    });
    const file = await openIncidentFile(path, { most: 100_000, keepMs: 1e12 });
    for (let i = 0; i <= durable; i++) expect(file.incidents.get(`i${i}`)?.id).toBe(`i${i}`);
    expect(file.incidents.size).toBeLessThanOrEqual(durable + 2);
    await file.close();
  }
  expect(durable).toBeGreaterThan(30);
});
